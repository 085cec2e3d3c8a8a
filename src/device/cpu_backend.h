// SPDX-License-Identifier: Apache-2.0
// The backend "cpu:": partitions of a machine's own cores and memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::device {

struct CpuBackendOptions {
  // Put before every path that is read: "" on a real machine, a recorded tree in tests.
  std::filesystem::path root;
  // Physical cores that nobody gets, for the system and the node itself. Not given: one of a
  // machine with four or more, otherwise none, and the node shares the workers' cores.
  std::optional<int> cores_kept;
  // Memory that stays free beside what is in use when the backend is opened. Not given: a
  // sixteenth of the whole, at least 256 MiB and at most 4 GiB.
  std::optional<int64_t> memory_kept_bytes;
};

// Opens the machine. Its one device is "cpu", its profiles are those of cpu_profile.h.
//
// A partition is made of whole physical cores: hardware threads of one core share its caches, its
// branch predictors and its buffers, through which a neighbour can be slowed and listened to, so
// they always go to one tenant together. A core of which we may use only a part is never handed
// out. Caches outside of the core (often the L3) and memory bandwidth are shared all the same. In
// a virtual machine this is as true as what the hypervisor says of its cores.
//
// Memory is counted, not reserved: no more is handed out than was available when the backend was
// opened, less what is kept, and than is available now. The limit of the worker's cgroup makes it
// hold. Which NUMA node the memory comes from is the kernel's choice, by default the cores' own.
//
// Scrub clears nothing: the kernel zeroes every page of host memory before another process sees
// it. That no process remains in a partition is proved by whoever ran it there (isolation), which
// knows what belongs to it; from here a partition's processes look like any other's.
//
// A request may name the device "cpu" and no start. Cores are read once, here; memory at every
// call. kInvalid: options that keep everything or less than nothing. kUnavailable: the machine's
// description cannot be read, or no whole core is ours.
base::Result<std::unique_ptr<DeviceBackend>> OpenCpuBackend(const CpuBackendOptions& options);

}  // namespace bulkhead::device
