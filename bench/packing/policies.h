// SPDX-License-Identifier: Apache-2.0
// Who decides where an instance goes: ours and, from what they publish, others. docs/planning.md
// says where each of them is described and what was added where it is not.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "planner/placement.h"

namespace bulkhead::bench {

struct Policy {
  std::string name;
  bool ours = false;
  bool moves = false;  // makes room by moves when there is none
  // Where one more of the profile goes in a fleet of one kind; nothing: it is refused. The demand
  // is what was asked for so far, and even before that.
  std::function<std::optional<planner::Spot>(const planner::GpuFleet&, const planner::Demand&,
                                             int profile)>
      pick;
};

std::vector<Policy> Policies();

}  // namespace bulkhead::bench
