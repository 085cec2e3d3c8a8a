// SPDX-License-Identifier: Apache-2.0
// Every state that one GPU of a model can be in, as far as the next instance is concerned, and
// where each kind of instance leads from there. Small enough to be written out: a part of eight
// units has at most a few hundred states, one of sixteen at most some hundred thousand.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "mig/layout.h"

namespace bulkhead::planner {

// One more instance, and the state it makes.
struct Placing {
  mig::Instance instance;
  int to = 0;
};

class OccupancyGraph {
 public:
  // Pure; the model must outlive the graph.
  explicit OccupancyGraph(const mig::GpuModel& model);

  [[nodiscard]] const mig::GpuModel& model() const { return *model_; }
  // State 0 is the empty GPU; every placing leads to a state of a higher number.
  [[nodiscard]] int size() const { return static_cast<int>(states_.size()); }
  [[nodiscard]] const mig::Occupancy& State(int state) const;
  [[nodiscard]] int FreeUnits(int state) const;

  // All that fits now, by profile, then start.
  [[nodiscard]] std::span<const Placing> Placings(int state) const;
  [[nodiscard]] std::span<const Placing> Placings(int state, int profile) const;

  // The state of these instances; -1 when no legal set of instances has it.
  [[nodiscard]] int Find(const mig::Occupancy& occupancy) const;
  [[nodiscard]] int StateOf(std::span<const mig::Instance> instances) const;

 private:
  struct Found {
    mig::Occupancy occupancy;
    std::vector<mig::Instance> example;
  };
  void Discover(std::vector<Found>& found);
  void Connect(const std::vector<Found>& found);

  const mig::GpuModel* model_;
  std::vector<mig::Occupancy> states_;
  std::map<mig::Occupancy, int> numbers_;
  std::vector<Placing> placings_;
  // Of (state, profile), in states * profiles + 1 entries: where its placings begin.
  std::vector<std::size_t> begins_;
};

}  // namespace bulkhead::planner
