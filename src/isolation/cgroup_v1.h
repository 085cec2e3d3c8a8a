// SPDX-License-Identifier: Apache-2.0
// Version 1: every controller a hierarchy of its own, or several mounted together.
// Documentation/admin-guide/cgroup-v1 of the kernel.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "isolation/cgroup.h"

namespace bulkhead::isolation {

// Makes the folder `own`/`folder_name` and readies it for groups below it; one that is there is
// used again. The answer's parent or reason is set.
CgroupController PrepareVersion1(Layer layer, const std::filesystem::path& own,
                                 const std::string& folder_name);

// Writes a layer's limits to a group without processes.
base::Status LimitVersion1(Layer layer, const std::filesystem::path& group,
                           const CgroupLimits& limits);

}  // namespace bulkhead::isolation
