// SPDX-License-Identifier: Apache-2.0
#include "planner/occupancy_graph.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

std::vector<mig::Instance> With(std::vector<mig::Instance> instances, const mig::Instance& one) {
  instances.push_back(one);
  return instances;
}

}  // namespace

OccupancyGraph::OccupancyGraph(const mig::GpuModel& model) : model_(&model) {
  std::vector<Found> found;
  Discover(found);
  // An instance adds units, so this order puts every state behind those that lead to it.
  std::ranges::stable_sort(found, {},
                           [](const Found& one) { return std::popcount(one.occupancy.units); });
  for (const Found& one : found) {
    numbers_.emplace(one.occupancy, static_cast<int>(states_.size()));
    states_.push_back(one.occupancy);
  }
  Connect(found);
}

void OccupancyGraph::Discover(std::vector<Found>& found) {
  std::map<mig::Occupancy, bool> seen{{mig::Occupancy{}, true}};
  found.push_back({});
  for (std::size_t at = 0; at < found.size(); ++at) {
    for (int profile = 0; profile < static_cast<int>(model_->profiles.size()); ++profile) {
      for (const int start : mig::FreeStarts(*model_, found[at].example, profile)) {
        std::vector<mig::Instance> larger = With(found[at].example, {profile, start});
        const mig::Occupancy occupancy = mig::OccupancyOf(*model_, larger);
        if (seen.emplace(occupancy, true).second) found.push_back({occupancy, std::move(larger)});
      }
    }
  }
}

void OccupancyGraph::Connect(const std::vector<Found>& found) {
  for (const Found& one : found) {
    for (int profile = 0; profile < static_cast<int>(model_->profiles.size()); ++profile) {
      begins_.push_back(placings_.size());
      for (const int start : mig::FreeStarts(*model_, one.example, profile)) {
        const mig::Instance instance{profile, start};
        const int to = Find(mig::OccupancyOf(*model_, With(one.example, instance)));
        placings_.push_back({instance, to});
      }
    }
  }
  begins_.push_back(placings_.size());
}

const mig::Occupancy& OccupancyGraph::State(int state) const {
  BH_CHECK(state >= 0 && state < size());
  return states_[static_cast<std::size_t>(state)];
}

int OccupancyGraph::FreeUnits(int state) const {
  return model_->units - std::popcount(State(state).units);
}

std::span<const Placing> OccupancyGraph::Placings(int state) const {
  BH_CHECK(state >= 0 && state < size());
  const std::size_t first = static_cast<std::size_t>(state) * model_->profiles.size();
  return std::span(placings_).subspan(begins_[first],
                                      begins_[first + model_->profiles.size()] - begins_[first]);
}

std::span<const Placing> OccupancyGraph::Placings(int state, int profile) const {
  BH_CHECK(state >= 0 && state < size());
  BH_CHECK(profile >= 0 && static_cast<std::size_t>(profile) < model_->profiles.size());
  const std::size_t at =
      static_cast<std::size_t>(state) * model_->profiles.size() + static_cast<std::size_t>(profile);
  return std::span(placings_).subspan(begins_[at], begins_[at + 1] - begins_[at]);
}

int OccupancyGraph::Find(const mig::Occupancy& occupancy) const {
  const auto found = numbers_.find(occupancy);
  return found == numbers_.end() ? -1 : found->second;
}

int OccupancyGraph::StateOf(std::span<const mig::Instance> instances) const {
  return mig::IsLegal(*model_, instances) ? Find(mig::OccupancyOf(*model_, instances)) : -1;
}

}  // namespace bulkhead::planner
