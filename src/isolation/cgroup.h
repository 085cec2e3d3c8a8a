// SPDX-License-Identifier: Apache-2.0
// One cgroup per compartment: memory with swap, processes, cores. Version 2, version 1, or both
// mounted beside each other with the controllers spread over them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "isolation/layer.h"

namespace bulkhead::isolation {

struct CgroupLimits {
  std::vector<int> cpus;
  int64_t memory_bytes = 0;  // swap is 0
  int64_t processes = 0;
};

// One controller and the folder below which we may make groups.
struct CgroupController {
  Layer layer = Layer::kCgroupMemory;
  int version = 2;
  std::filesystem::path parent;  // ours to write; "" when the machine does not give the controller
  std::string reason;            // then: why, and what to do
};

// Where the three controllers are. Values only.
struct CgroupTree {
  std::vector<CgroupController> controllers;  // memory, pids, cpus
};

// Finds the controllers from the text of /proc/self/mountinfo and /proc/self/cgroup, and makes ours
// usable below this process's own group: a folder "bulkhead-OWNER". On version 2 this process moves
// into a leaf of its own first when the group must have none (the "no internal processes" rule of
// Documentation/admin-guide/cgroup-v2.rst). `owner`: 1 to 32 of [a-z0-9-].
//
// `root` is put before every path: "" on a real machine, a recorded tree in tests. Controllers that
// are missing are values with a reason, not errors. kUnavailable: /proc cannot be read.
base::Result<CgroupTree> FindCgroups(const std::filesystem::path& root, const std::string& owner);

// A compartment's group in each controller that works. Must be removed by RemoveCgroup.
struct Cgroup {
  std::string name;
  std::vector<CgroupController> controllers;
  LayerSet layers;
};

// Makes the group and writes its limits; reads each back. A controller in `optional` that fails is
// left out. kUnavailable: a required one failed (nothing is left behind); kConflict: a group of
// that name exists.
base::Result<Cgroup> MakeCgroup(const CgroupTree& tree, const std::string& name,
                                const CgroupLimits& limits, const LayerSet& optional);

base::Status EnterCgroup(const Cgroup& cgroup, pid_t pid);

// Processes that the kernel ended in this group for want of memory; 0 where it does not count.
int64_t OutOfMemoryKills(const Cgroup& cgroup);

// Kills every process in it (cgroup.kill, or by list until none is left), waits until the group is
// empty, and removes it. kInternal: it could not be emptied within 10 seconds, or not removed.
base::Status RemoveCgroup(const Cgroup& cgroup);

// The same for every group below the tree's folders, whoever made it; returns their names. It goes
// through all of them before it reports a failure.
base::Result<std::vector<std::string>> SweepCgroups(const CgroupTree& tree);

// Undoes FindCgroups when no group is left: removes the tree's folders, and on version 2 moves this
// process back to where it was. kInternal: something could not be removed.
base::Status LeaveCgroups(const CgroupTree& tree);

}  // namespace bulkhead::isolation
