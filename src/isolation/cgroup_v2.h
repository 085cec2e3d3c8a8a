// SPDX-License-Identifier: Apache-2.0
// Version 2: one hierarchy, whose controllers are handed down group by group.
// Documentation/admin-guide/cgroup-v2.rst of the kernel.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "isolation/cgroup.h"

namespace bulkhead::isolation {

// The group that a process moves into when its own must have none. Owners have no "_" in their
// names, so it is nobody's folder.
constexpr const char* kOwnLeaf = "bulkhead_self";

// Hands the controllers of `layers` down to the folder `own`/`folder_name` and to the groups below
// it; one that is there is used again. `own` is this process's group or the leaf in it. `swaps`:
// the path of /proc/swaps. One answer per layer; with no layer left, all is as it was before.
std::vector<CgroupController> PrepareVersion2(const std::vector<Layer>& layers,
                                              std::filesystem::path own,
                                              const std::string& folder_name,
                                              const std::filesystem::path& swaps);

// Undoes PrepareVersion2 once the folder is gone: takes the controllers back, moves this process
// out of the leaf and removes that, unless other groups lie beside it. kInternal: something stays.
base::Status LeaveVersion2(const std::filesystem::path& own);

// Writes a layer's limits to a group without processes.
base::Status LimitVersion2(Layer layer, const std::filesystem::path& group,
                           const CgroupLimits& limits);

}  // namespace bulkhead::isolation
