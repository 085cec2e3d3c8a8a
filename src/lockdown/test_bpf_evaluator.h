// SPDX-License-Identifier: Apache-2.0
// Runs a seccomp program as the kernel would, without a process: every number of every convention
// can be put to it. Source: Documentation/networking/filter.rst (classic BPF) and
// seccomp_filter.rst of Linux.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "lockdown/syscall_filter.h"

namespace bulkhead::lockdown {

// The SECCOMP_RET_ value; nullopt for a program that the kernel would not take: an instruction
// that is unknown here, a jump or a load out of range, no return.
class BpfEvaluator {
 public:
  explicit BpfEvaluator(const SyscallFilter& filter) : program_(filter.program) {}

  std::optional<uint32_t> Run(const seccomp_data& call) {
    a_ = x_ = 0;
    memory_ = {};
    for (std::size_t at = 0; at < program_.size(); ++at) {
      sock_filter step{};
      std::memcpy(&step, &program_[at], sizeof step);
      switch (BPF_CLASS(step.code)) {
        case BPF_RET:
          return BPF_RVAL(step.code) == BPF_A ? a_ : step.k;
        case BPF_JMP:
          at += Jump(step);
          break;
        default:
          if (!Compute(step, call)) return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t Jump(const sock_filter& step) const {
    const uint32_t operand = BPF_SRC(step.code) == BPF_X ? x_ : step.k;
    switch (BPF_OP(step.code)) {
      case BPF_JEQ:
        return a_ == operand ? step.jt : step.jf;
      case BPF_JGT:
        return a_ > operand ? step.jt : step.jf;
      case BPF_JGE:
        return a_ >= operand ? step.jt : step.jf;
      case BPF_JSET:
        return (a_ & operand) != 0 ? step.jt : step.jf;
      default:
        return step.k;  // BPF_JA
    }
  }

  bool Compute(const sock_filter& step, const seccomp_data& call) {
    const bool in_memory = step.k < memory_.size();
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (step.k % 4 != 0 || step.k > sizeof call - 4) return false;
        std::memcpy(&a_, reinterpret_cast<const char*>(&call) + step.k, sizeof a_);
        return true;
      case BPF_LD | BPF_IMM:
        a_ = step.k;
        return true;
      case BPF_LDX | BPF_IMM:
        x_ = step.k;
        return true;
      case BPF_LD | BPF_MEM:
        a_ = in_memory ? memory_[step.k] : 0;
        return in_memory;
      case BPF_LDX | BPF_MEM:
        x_ = in_memory ? memory_[step.k] : 0;
        return in_memory;
      case BPF_ST:
        return in_memory && ((memory_[step.k] = a_), true);
      case BPF_STX:
        return in_memory && ((memory_[step.k] = x_), true);
      case BPF_ALU | BPF_AND | BPF_K:
        a_ &= step.k;
        return true;
      case BPF_ALU | BPF_AND | BPF_X:
        a_ &= x_;
        return true;
      case BPF_ALU | BPF_OR | BPF_K:
        a_ |= step.k;
        return true;
      case BPF_MISC | BPF_TAX:
        x_ = a_;
        return true;
      case BPF_MISC | BPF_TXA:
        a_ = x_;
        return true;
      default:
        return false;
    }
  }

  const std::vector<uint64_t>& program_;
  uint32_t a_ = 0;
  uint32_t x_ = 0;
  std::array<uint32_t, BPF_MEMWORDS> memory_{};
};

}  // namespace bulkhead::lockdown
