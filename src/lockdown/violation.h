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
// answers with a death that no handler sees. A SIGSYS that is no trap is reported as number -1.
//
// It also closes, for every thread, what only the way to here needed: another handler for SIGSYS,
// and exec. Both are violations from now on. So it is called once, first thing in main, before any
// code of others has run, on top of the filter of Stage::kStarting. Needs no_new_privs. 0 or an
// errno.
//
// What stays with a hostile process, one that runs code of its own: it can forge a report or
// prevent it. The forbidden call is never made, whatever it does. A thread whose stack has no room
// for the handler ends the process with SIGSEGV, unreported.
[[nodiscard]] int ReportViolationsTo(int report_fd, ReportViolation report);

}  // namespace bulkhead::lockdown
