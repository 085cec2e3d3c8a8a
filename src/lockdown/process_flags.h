// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bulkhead::lockdown {

// All child-safe: 0 or an errno.

// No later exec gains privileges; needed by Landlock and seccomp without CAP_SYS_ADMIN.
[[nodiscard]] int SetNoNewPrivileges();

// No core dump, no ptrace by the same user. An exec of a readable program undoes it, so the program
// calls it again.
[[nodiscard]] int SetNotDumpable();

// The kernel sends SIGKILL when the thread that cloned this process ends. Changing credentials
// clears it, so it comes after that. `alive_fd` is the read end of a pipe whose only writer is the
// parent: ESRCH when the parent is gone already, EBADF when it is no descriptor.
[[nodiscard]] int DieWithParent(int alive_fd);

}  // namespace bulkhead::lockdown
