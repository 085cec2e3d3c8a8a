// SPDX-License-Identifier: Apache-2.0
// Why there is no place, in words for an operator: what is missing, and what would help.
#pragma once

#include <string>

#include "planner/placement.h"

namespace bulkhead::planner {

// "A100-40GB: no GPU has 4 free units from 0 or 4; 11 GPUs would have after moving 1 instance".
// Looks at every GPU.
std::string WhyNoInstance(const GpuFleet& fleet, const Choice& choice);
std::string WhyNoWholeGpu(const GpuFleet& fleet, int kind);
std::string WhyTooClose(const GpuFleet& fleet, const Choice& choice);

}  // namespace bulkhead::planner
