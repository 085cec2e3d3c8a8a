// SPDX-License-Identifier: Apache-2.0
// Landlock: what files, ports and processes the calling thread and its later children may reach.
// Source: Documentation/userspace-api/landlock.rst of Linux; the constants of newer ABIs are
// written here because a distribution's headers may be older than the kernel that runs.
#pragma once

#include <string>
#include <vector>

namespace bulkhead::lockdown {

// 0 when the kernel has none or it is disabled. Child-safe.
[[nodiscard]] int LandlockAbi();

struct LandlockRules {
  // Files and folders that may be read and executed; everything else is out of reach.
  std::vector<std::string> readable;
  // Device nodes that may be opened for reading and writing, with ioctl.
  std::vector<std::string> devices;
};

// Restricts the calling thread: the paths above, no TCP bind or connect (ABI 4), no device ioctl
// besides `devices` (ABI 5), no abstract Unix socket and no signal to outside (ABI 6), as far as
// `abi`, which LandlockAbi gave, goes. Needs no_new_privs (EPERM). A path that is not there is an
// error. Child-safe: 0 or an errno; EOPNOTSUPP when `abi` is 0.
[[nodiscard]] int RestrictWithLandlock(const LandlockRules& rules, int abi);

}  // namespace bulkhead::lockdown
