// SPDX-License-Identifier: Apache-2.0
// `bulkhead gpu plan --defragment`: the moves of deployments that make room beside what runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "cli/gpu_inventory.h"
#include "cli/gpu_plan.h"
#include "planner/defragment.h"

namespace bulkhead::cli {

struct DefragmentPlan {
  planner::MovePlan moves;
  std::vector<std::string> names;  // by owner; the wanted one is the last
  std::vector<std::string> gains;  // of which profile how many more fit then
};

// Room for `wanted`, or without one for more of anything. What a deployment holds may move, what is
// idle gives way, what others made stays. kUnavailable: nobody said who has what. kInvalid: no GPU
// here has anything of the wish's kind.
base::Result<DefragmentPlan> PlanDefragment(const GpuInventory& inventory,
                                            const std::optional<Wish>& wanted,
                                            const planner::Disruption& limits);

// A line for each step, with its wave; then what fits, or why there is no plan.
std::string DefragmentText(const GpuInventory& inventory, const DefragmentPlan& plan);
nlohmann::json DefragmentJson(const GpuInventory& inventory, const DefragmentPlan& plan);

}  // namespace bulkhead::cli
