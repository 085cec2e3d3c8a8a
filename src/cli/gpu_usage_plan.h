// SPDX-License-Identifier: Apache-2.0
// `bulkhead gpu plan --from-usage`: what the gateway advises, and where it would lead.
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

// What the gateway says of one deployment.
struct UseAdvice {
  std::string name;  // "plant/line-3"
  std::string profile;
  std::string gpu;         // model; empty: none, or unknown
  bool simulated = false;  // its GPU does not exist
  std::string verdict;
  std::string move_to;  // empty: it stays
  int replicas = 1;
  std::vector<std::string> devices;  // "GPU-.../7", or the UUID of a whole GPU
  std::vector<std::string> reasons;
};

// Of the answer to GET /admin/use. kInternal: it is none of a gateway's.
base::Result<std::vector<UseAdvice>> ReadUseAdvice(const nlohmann::json& answer);

struct UsePlan {
  std::vector<PlannedInstance> removed;  // after the new ones serve
  GpuPlan plan;
  // Without any change of size: moves after which more would fit, and how many more of what.
  std::vector<std::string> moves;
  std::vector<std::string> gains;
};

// The moves that are advised, beside all that is there, since a new instance starts before the old
// one goes. An instance of the inventory is a deployment's where both name GPU and instance alike.
base::Result<UsePlan> PlanFromUse(const GpuInventory& inventory,
                                  const std::vector<UseAdvice>& advice);

std::string AdviceText(const std::vector<UseAdvice>& advice);
// The changes without places, where no GPU is known.
std::string ChangesText(const std::vector<UseAdvice>& advice);
std::string UsePlanText(const GpuInventory& inventory, const UsePlan& plan);
// PlanJson with "removed", "moves" and "gains".
nlohmann::json UsePlanJson(const GpuInventory& inventory, const UsePlan& plan);

}  // namespace bulkhead::cli
