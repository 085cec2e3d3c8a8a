// SPDX-License-Identifier: Apache-2.0
// A full plan: every deployment at once, on what the fleet has free. The most weight is accepted,
// and with that the fewest GPUs are used. docs/planning.md says how, and how far from the best.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/placement.h"

namespace bulkhead::planner {

struct Wanted {
  Request request;
  int64_t weight = 1;  // what accepting it brings: its compute slices, say; from 1 to kWeightMax
};
inline constexpr int64_t kWeightMax = 1'000'000;

struct Packing {
  std::vector<std::optional<Spot>> spots;  // by deployment; all together are legal
  int64_t weight = 0;                      // accepted
  int gpus = 0;                            // that hold something new and were empty
  // No plan accepts more weight, nor, when all that is asked for can be accepted by this bound,
  // accepts all with fewer GPUs; 0 otherwise.
  int64_t weight_bound = 0;
  int gpus_bound = 0;
  bool optimal = false;  // proved
};

// Pure and deterministic. What the fleet holds stays where it is: to plan all anew, give it a fleet
// that holds only what is foreign. Preferences among choices count for nothing here; separation and
// fences do. Exact where the search ends within `search_max` nodes, else rounded from the bound.
Packing PackAll(const GpuFleet& fleet, const std::vector<Wanted>& wanted, int search_max = 100'000);

}  // namespace bulkhead::planner
