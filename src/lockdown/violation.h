// SPDX-License-Identifier: Apache-2.0
// How a forbidden system call becomes a report before the process dies of it.
#pragma once

#include <cstdint>

namespace bulkhead::lockdown {

// What the kernel says about a call that the filter stopped.
struct Violation {
  uint32_t arch = 0;  // AUDIT_ARCH_...: the calling convention used
  int32_t number = -1;
};

// Writes a Violation somewhere (one write(2), at most PIPE_BUF bytes). Called in a signal handler.
using ReportViolation = void (*)(int report_fd, Violation violation);

// From now on a call that the filter traps is reported on `report_fd` and then ends the process
// with SIGSYS: the handler makes a second forbidden call while SIGSYS is blocked, which the kernel
// answers with a death that no handler sees. Call once, before the filter that traps.
// A hostile process can forge its own report or prevent it, not its death.
[[nodiscard]] int ReportViolationsTo(int report_fd, ReportViolation report);

}  // namespace bulkhead::lockdown
