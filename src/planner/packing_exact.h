// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "planner/packing_bins.h"

namespace bulkhead::planner {

struct ExactPlan {
  std::optional<BinPlan> plan;  // better than the one that was known
  bool complete = false;        // the search ended: nothing better was missed
};

// Branch and bound over what each deployment gets: every choice on every pattern that GPUs of a
// pool have by then (equal GPUs are tried once), or nothing. Of two ways to the same patterns with
// the same deployments placed only the better is followed. Stops after `nodes_max`.
ExactPlan SearchExactly(const PackingBins& bins, const BinPlan& known, int nodes_max);

}  // namespace bulkhead::planner
