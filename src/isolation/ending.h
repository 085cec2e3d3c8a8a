// SPDX-License-Identifier: Apache-2.0
// From what the kernel says about a process that ended to an End.
#pragma once

#include <cstdint>

#include "isolation/end.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

struct KernelWord {
  bool known = false;  // false: somebody else has asked the kernel already
  bool exited = false;
  int status = 0;  // of exit, or the signal
};

// Whether the process has ended; leaves it to be reaped.
bool HasEnded(int process);

// Waits for the end, and reaps.
KernelWord Reap(int process);

// `ended_before`: it had ended before we killed it. `out_of_memory_kills`: of its cgroup; one of
// them explains a SIGKILL even if we sent one too, because a process that dies of it is not ended
// until its memory is given back.
End JudgeEnd(const KernelWord& word, bool ended_before, int64_t out_of_memory_kills, Cause cause);

}  // namespace bulkhead::isolation
