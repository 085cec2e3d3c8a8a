// SPDX-License-Identifier: Apache-2.0
// `bulkhead gpu plan`: where deployments would go.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/gpu_inventory.h"
#include "planner/placement.h"

namespace bulkhead::cli {

// "3g.20gb", "gpu" or a model, so many times.
struct Wish {
  std::string what;
  int count = 1;
  // By the name of a GPU's model the profile; empty: `what` is a profile of any GPU.
  std::map<std::string, std::string> profiles{};
};

// "3g.20gb", "3g.20gb:2", "yolo11n.onnx:4"; up to 10,000. nullopt: a count that is none.
std::optional<Wish> ParseWish(const std::string& text);

// What would do for a wish, on each kind of GPU.
std::vector<planner::Choice> ChoicesOf(const planner::GpuFleet& fleet, const Wish& wish);

struct PlannedInstance {
  std::size_t gpu = 0;
  OwnedInstance added;
};

struct GpuPlan {
  std::vector<PlannedInstance> added;                        // by GPU, then start
  std::vector<std::pair<std::string, std::string>> refused;  // what, and why
};

// As many wishes as there is room for beside what is there, on the fewest GPUs. kInvalid: no GPU of
// the inventory has anything of a wish's kind.
base::Result<GpuPlan> PlanWishes(const GpuInventory& inventory, const std::vector<Wish>& wishes);

// Lines with +, then the drawings of GPUs that change, then what found no room.
std::string PlanText(const GpuInventory& inventory, const GpuPlan& plan);
nlohmann::json PlanJson(const GpuInventory& inventory, const GpuPlan& plan);

}  // namespace bulkhead::cli
