// SPDX-License-Identifier: Apache-2.0
// How a compartment's process ended. A value, not an error.
#pragma once

#include <cstdint>
#include <string>

namespace bulkhead::isolation {

enum class EndReason : uint8_t {
  kFinished,     // exited by itself; see exit_status
  kCrashed,      // a signal of its own making; see signal
  kViolated,     // a forbidden system call; see syscall_number
  kOutOfMemory,  // the memory limit of its cgroup
  kTimedOut,     // ended by us: it did not answer in time
  kKilled,       // ended by us or by an operator
  kLost,         // it is gone and nobody can say how
};

struct End {
  EndReason reason = EndReason::kLost;
  int exit_status = 0;
  int signal = 0;
  // Of a violation, as the process itself reported it before the kernel ended it; -1: not reported.
  int syscall_number = -1;
  uint32_t syscall_arch = 0;
};

// "finished (status 0)", "crashed (SIGSEGV)", "violated (ptrace)", "out of memory", ...
std::string Describe(const End& end);

}  // namespace bulkhead::isolation
