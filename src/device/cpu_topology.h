// SPDX-License-Identifier: Apache-2.0
// The cores of this machine that we may use, as the kernel describes them
// (Documentation/admin-guide/cputopology.rst, Documentation/ABI/stable/sysfs-devices-node).
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"

namespace bulkhead::device {

// One physical core.
struct Core {
  std::vector<int> cpus;   // its hardware threads, ascending
  int numa_node = 0;       // 0 where the machine has none
  bool efficient = false;  // one of the slower kind of a hybrid processor
  friend bool operator==(const Core&, const Core&) = default;
};

struct CpuTopology {
  std::vector<Core> cores;  // by their lowest CPU
  // CPUs that we may use but that share a core with one that we may not: never handed out.
  std::vector<int> split_cpus;
};

// Reads /proc/self/status (the CPUs allowed to this process: its affinity mask, which the kernel
// keeps within its cpuset cgroup), /sys/devices/system/cpu, /sys/devices/system/node and
// /sys/devices/cpu_atom. `root` is put before every path: "" on a real machine.
//
// kUnavailable: something is missing or says what cannot be; the detail names the file. Without
// knowing which CPUs share a core nothing can be handed out exclusively.
base::Result<CpuTopology> ReadCpuTopology(const std::filesystem::path& root);

}  // namespace bulkhead::device
