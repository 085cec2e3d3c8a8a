// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace bulkhead::device {

// Memory of the machine, or of the container that we are in where that is less.
struct HostMemory {
  int64_t total_bytes = 0;
  // What can be taken without swapping: free memory and caches that the kernel can drop.
  int64_t available_bytes = 0;
};

// The smaller of /proc/meminfo (MemTotal, MemAvailable) and what the memory limits of this
// process's cgroup and of those above it leave: limit - (usage - inactive file cache), versions 1
// and 2. Groups above the mount that we see cannot be read and are not counted. `root` is put
// before every path.
//
// kUnavailable: a file is missing or says what cannot be; the detail names it. A machine without a
// memory controller has no limit.
base::Result<HostMemory> ReadHostMemory(const std::filesystem::path& root);

}  // namespace bulkhead::device
