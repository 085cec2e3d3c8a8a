// SPDX-License-Identifier: Apache-2.0
// How much of each kind of instance still fits into a GPU.
#pragma once

#include <vector>

#include "planner/occupancy_graph.h"

namespace bulkhead::planner {

// Exact, by dynamic programming over the states in the order of the graph: the room for a profile
// in a state is one more than the best room in the states that placing it leads to.
class RoomTable {
 public:
  explicit RoomTable(const OccupancyGraph& graph);

  // The most instances of the profile that fit beside what is there, if nothing else came.
  [[nodiscard]] int Room(int state, int profile) const;

 private:
  std::size_t profiles_;
  std::vector<int> rooms_;
};

}  // namespace bulkhead::planner
