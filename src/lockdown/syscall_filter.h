// SPDX-License-Identifier: Apache-2.0
// The policy table as a seccomp filter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lockdown/syscall_policy.h"

namespace bulkhead::lockdown {

// A compiled filter: an array of struct sock_filter, eight bytes each.
struct SyscallFilter {
  std::vector<uint64_t> program;
};

// Allocates; needs two free descriptors for a moment. kUnavailable: the kernel lacks seccomp
// filters or an action that the policy uses, or no descriptor was free. kInternal: the filter
// library refused the table.
base::Result<SyscallFilter> CompileSyscallFilter(Stage stage);

// Child-safe when `all_threads` is false: 0 or an errno. With `all_threads` every thread of the
// process gets the filter or none does (ESRCH: a thread has filters that we have not). Needs
// no_new_privs (EACCES).
[[nodiscard]] int InstallSyscallFilter(const SyscallFilter& filter, bool all_threads);

// "openat", "ptrace"; "syscall 999" for a number that this build does not know. `arch` is an
// AUDIT_ARCH_ value.
std::string SyscallName(uint32_t arch, int number);

}  // namespace bulkhead::lockdown
