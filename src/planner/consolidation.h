// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "planner/defragment.h"

namespace bulkhead::planner {

// The sum that consolidation raises: for every profile what is asked for, times its units, times
// 1 + 1/2 + ... + 1/room. Its slope is PricesOf.
double WorthOf(const GpuFleet& fleet, const Demand& demand);

// One after the other, each the one that gains most.
std::vector<Move> FindGainingMoves(const GpuFleet& fleet, const Demand& demand,
                                   const Disruption& limits);

}  // namespace bulkhead::planner
