// SPDX-License-Identifier: Apache-2.0
// The sets of instances that one GPU can hold together, without regard to where each begins. While
// nothing has been made yet starts do not matter, and there are far fewer patterns than layouts.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "planner/occupancy_graph.h"

namespace bulkhead::planner {

class PatternGraph {
 public:
  // Of what can be added to a GPU in that state. Pure.
  PatternGraph(const OccupancyGraph& graph, int state);

  // Pattern 0 is nothing; adding leads to a higher number.
  [[nodiscard]] int size() const { return static_cast<int>(counts_.size()); }
  // How many instances of each profile the pattern has.
  [[nodiscard]] const std::vector<int>& Counts(int pattern) const;
  // The pattern with one more of the profile; -1: no layout has both.
  [[nodiscard]] int Add(int pattern, int profile) const;
  [[nodiscard]] bool Maximal(int pattern) const;
  // A legal layout of the pattern, one start for each instance, by profile. Beside `fixed`, which
  // must be instances that have the state that the graph was made for.
  [[nodiscard]] std::vector<mig::Instance> Layout(int pattern,
                                                  std::span<const mig::Instance> fixed) const;

 private:
  const mig::GpuModel* model_;
  std::vector<std::vector<int>> counts_;
  std::vector<std::vector<int>> next_;  // [pattern][profile]
};

}  // namespace bulkhead::planner
