// SPDX-License-Identifier: Apache-2.0
// The plan that could cut GPUs and deployments into fractions: no plan is better, and rounding it
// down is nearly as good. (Gilmore and Gomory's programme of patterns for cutting stock, 1961; here
// all patterns are written out, as there are few.)
#pragma once

#include "planner/packing_bins.h"

namespace bulkhead::planner {

struct FractionalPlan {
  int64_t weight_bound = 0;
  int gpus_bound = 0;  // 0: not all can be accepted, or not known
  // [pool][pattern] GPUs and [class][choice] deployments, rounded down.
  std::vector<std::vector<int>> patterns;
  std::vector<std::vector<int>> taken;
};

// Above some million cells the programme is not solved: the bounds are then the plain ones, and
// nothing is planned.
FractionalPlan PlanFractions(const PackingBins& bins);

}  // namespace bulkhead::planner
