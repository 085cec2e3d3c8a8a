// SPDX-License-Identifier: Apache-2.0
#include "isolation/end.h"

#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "lockdown/syscall_filter.h"

namespace bulkhead::isolation {
namespace {

std::string SignalName(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{}", name);
}

}  // namespace

std::string Describe(const End& end) {
  switch (end.reason) {
    case EndReason::kFinished:
      return fmt::format("finished (status {})", end.exit_status);
    case EndReason::kCrashed:
      return fmt::format("crashed ({})", SignalName(end.signal));
    case EndReason::kViolated:
      if (end.syscall_number < 0) return "violated (the call was not reported)";
      return fmt::format("violated ({})",
                         lockdown::SyscallName(end.syscall_arch, end.syscall_number));
    case EndReason::kOutOfMemory:
      return "out of memory";
    case EndReason::kTimedOut:
      return "timed out";
    case EndReason::kKilled:
      return "killed";
    case EndReason::kLost:
      return "lost";
  }
  return "lost";
}

}  // namespace bulkhead::isolation
