// SPDX-License-Identifier: Apache-2.0
// Where a controller's groups lie, from the texts of /proc/self/mountinfo and /proc/self/cgroup.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::isolation {

struct CgroupMount {
  int version = 2;
  std::string root;   // the group that is seen at `point`
  std::string point;  // absolute
  bool read_only = false;
  std::vector<std::string> controllers;  // version 1: as mounted, one or several together
};

// The lines of file system type cgroup and cgroup2, in their order; others and damaged ones are
// left out. Format: proc_pid_mountinfo(5).
std::vector<CgroupMount> ParseCgroupMounts(std::string_view mountinfo);

struct CgroupMembership {
  std::vector<std::string> controllers;  // empty: version 2
  std::string path;
};

// The lines "ID:CONTROLLERS:PATH" of /proc/self/cgroup; cgroups(7).
std::vector<CgroupMembership> ParseCgroupMemberships(std::string_view text);

// This process's own group for a controller.
struct CgroupPlace {
  int version = 2;
  std::string folder;  // "" when it cannot be used
  std::string reason;  // then: why, and what to do
};

// A controller belongs to the version 1 hierarchy that names it, otherwise to version 2 (which may
// turn out not to have it). Of several mounts a writable one is taken, of these the last.
CgroupPlace LocateController(const std::vector<CgroupMount>& mounts,
                             const std::vector<CgroupMembership>& memberships,
                             std::string_view controller);

}  // namespace bulkhead::isolation
