// SPDX-License-Identifier: Apache-2.0
// One cgroup per compartment: memory with swap, processes, cores. Version 2, version 1, or both
// mounted beside each other with the controllers spread over them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "isolation/layer.h"

namespace bulkhead::isolation {

struct CgroupLimits {
  std::vector<int> cpus;     // numbers of the kernel
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
  std::vector<CgroupController> controllers;  // memory, pids, cpus, each once
};

// Finds the controllers from the text of /proc/self/mountinfo and /proc/self/cgroup, and makes a
// folder of ours usable below this process's own group: "bulkhead-OWNER". On version 2 this process
// moves into a leaf of its own first when the group must have none (the "no internal processes"
// rule of Documentation/admin-guide/cgroup-v2.rst); that works only while it is alone in its group,
// so call this before starting others. To be undone by LeaveCgroups.
//
// `owner`: 1 to 32 of [a-z0-9-]; processes that run at the same time need different ones. `root` is
// put before every path: "" on a real machine, a recorded tree in tests. Controllers that are
// missing are values with a reason, not errors. kInvalid: the owner; kUnavailable: /proc cannot be
// read.
base::Result<CgroupTree> FindCgroups(const std::filesystem::path& root, const std::string& owner);

// A compartment's group in each controller that works. Must be removed by RemoveCgroup.
struct Cgroup {
  std::string name;
  std::vector<CgroupController> controllers;
  LayerSet layers;
};

// Makes the group and writes its limits; reads each back. A controller in `optional` that fails is
// left out. Memory counts in whole pages, rounded down. With swap: version 2 keeps the group out of
// swap altogether; version 1 counts swap as memory and does not swap for the sake of the limit, but
// a machine that is short itself may still swap pages of the group out.
//
// `name`: 1 to 64 of [a-z0-9-]. kInvalid: the name, or limits that leave nothing; kUnavailable: a
// required controller failed (nothing is left behind); kConflict: a group of that name exists.
base::Result<Cgroup> MakeCgroup(const CgroupTree& tree, const std::string& name,
                                const CgroupLimits& limits, const LayerSet& optional);

// The file of one hierarchy through which a process moves itself into the group.
struct CgroupEntrance {
  std::filesystem::path path;
  base::UniqueFd file;
};

// Opens the group's entrances, one per hierarchy, with the rights of this process: whoever gets
// them may enter. Any error, as base::ErrnoError.
base::Result<std::vector<CgroupEntrance>> OpenEntrances(const Cgroup& cgroup);

// Moves the calling process, which has no other thread, into the groups, and returns 0 or an errno.
// `index` counts the hierarchies that it is in: after an error end it. Memory that it has by then
// stays charged to where it came from, so call this before it has any. For use after clone:
// allocates nothing.
//
// Moving oneself is quick: for another process the kernel stops every fork and exit of the machine,
// which takes it milliseconds (cgroup_procs_write_start in kernel/cgroup/cgroup.c). That goes for
// version 1; version 2 has no file that moves a lone thread out of its process's group.
int EnterCgroup(const std::vector<CgroupEntrance>& entrances, uint32_t& index);

// How often the kernel ended a process of this group for want of memory: 0 only if it never did, or
// where it does not count (before 4.13). A process may count twice (memory.oom.group).
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
