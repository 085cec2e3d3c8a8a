// SPDX-License-Identifier: Apache-2.0
// The policy table as a seccomp filter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace bulkhead::lockdown {

// kStarting: a deny list, from before exec until the model is loaded and warm; what libraries need
// to load, map and start threads is allowed. kServing: a strict allow list, over all threads, while
// a tenant's frames are processed. Every later filter only narrows.
enum class Stage : uint8_t { kStarting, kServing };

// A compiled filter: an array of struct sock_filter.
struct SyscallFilter {
  std::vector<uint64_t> program;
};

// What a filter does with a call, to tests and to `bulkhead doctor`.
enum class Verdict : uint8_t { kAllowed, kRefused /* EPERM or ENOSYS */, kFatal };

// kUnavailable: the kernel lacks seccomp filters or an action that the policy uses. kInternal: the
// filter library refused the table.
base::Result<SyscallFilter> CompileSyscallFilter(Stage stage);

// Child-safe when `all_threads` is false: 0 or an errno. With `all_threads` every thread of the
// process gets the filter or none does (ESRCH). Needs no_new_privs.
[[nodiscard]] int InstallSyscallFilter(const SyscallFilter& filter, bool all_threads);

// "openat", "ptrace"; "syscall 999" for a number that this build does not know. `arch` is an
// AUDIT_ARCH_ value.
std::string SyscallName(uint32_t arch, int number);

}  // namespace bulkhead::lockdown
