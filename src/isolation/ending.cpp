// SPDX-License-Identifier: Apache-2.0
#include "isolation/ending.h"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/wait.h>

namespace bulkhead::isolation {

bool HasEnded(int process) {
  pollfd waiting = {process, POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

KernelWord Reap(int process) {
  siginfo_t ended = {};
  int result = 0;
  do {
    result = ::waitid(P_PIDFD, static_cast<id_t>(process), &ended, WEXITED);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return {};
  return {true, ended.si_code == CLD_EXITED, ended.si_status};
}

End JudgeEnd(const KernelWord& word, bool ended_before, int64_t out_of_memory_kills, Cause cause) {
  if (!word.known) return {.reason = EndReason::kLost};
  if (word.exited) return {.reason = EndReason::kFinished, .exit_status = word.status};
  End end = {.reason = EndReason::kCrashed, .signal = word.status};
  if (word.status == SIGSYS) end.reason = EndReason::kViolated;
  if (word.status != SIGKILL) return end;
  if (out_of_memory_kills > 0) {
    end.reason = EndReason::kOutOfMemory;
  } else if (ended_before) {
    end.reason = EndReason::kKilled;
  } else {
    end.reason = cause == Cause::kTimedOut ? EndReason::kTimedOut : EndReason::kKilled;
  }
  return end;
}

}  // namespace bulkhead::isolation
