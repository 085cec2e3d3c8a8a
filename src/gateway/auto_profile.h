// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tenant/records.h"

namespace bulkhead::gateway {

// What the profile "auto" is for this version: on the first of the kinds of GPU ("A100-40GB") that
// the planner knows something for, else on cores. By the size of the model's file alone, four bytes
// a parameter.
std::string AutoProfile(const tenant::ModelVersion& version,
                        const std::vector<std::string>& gpu_models);

}  // namespace bulkhead::gateway
