// SPDX-License-Identifier: Apache-2.0
#include "packing/policies.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

namespace bulkhead::bench {
namespace {

using planner::Demand;
using planner::GpuFleet;
using planner::OccupancyGraph;
using planner::Placing;
using planner::Spot;

using Score =
    std::array<int64_t, 2>;  // the least is best; then the first GPU, then the first start

// A rule that looks at one GPU before and after. `state` is that before.
template <typename Rule>
std::optional<Spot> PickBy(const GpuFleet& fleet, int profile, const Rule& rule) {
  using Rank = std::tuple<Score, int, int>;
  std::optional<Rank> best;
  for (const auto& [state, gpus] : fleet.Cut(0)) {
    for (const Placing& placing : fleet.Graph(0).Placings(state, profile)) {
      const Rank rank = {rule(fleet.Graph(0), state, placing), *gpus.begin(),
                         placing.instance.start};
      if (!best || rank < *best) best = rank;
    }
  }
  if (!best) return std::nullopt;
  return Spot{std::get<1>(*best), {profile, std::get<2>(*best)}};
}

std::optional<Spot> FirstFit(const GpuFleet& fleet, const Demand&, int profile) {
  return PickBy(fleet, profile, [](const OccupancyGraph&, int, const Placing&) { return Score{}; });
}

std::optional<Spot> BestFit(const GpuFleet& fleet, const Demand&, int profile) {
  return PickBy(fleet, profile, [](const OccupancyGraph& graph, int state, const Placing&) {
    return Score{graph.FreeUnits(state), 0};
  });
}

int64_t LongestRun(const OccupancyGraph& graph, int state) {
  uint32_t free = ~graph.State(state).units & ((uint32_t{1} << graph.model().units) - 1);
  int64_t run = 0;
  for (; free != 0; free &= free >> 1) ++run;
  return run;
}

// The fullest GPU (its "binpack"); there the largest free run, then the most placements, that stay.
std::optional<Spot> Hami(const GpuFleet& fleet, const Demand&, int profile) {
  return PickBy(fleet, profile, [](const OccupancyGraph& graph, int state, const Placing& placing) {
    const auto placements = static_cast<int64_t>(graph.Placings(placing.to).size());
    return Score{graph.FreeUnits(state), -(LongestRun(graph, placing.to) * 1000 + placements)};
  });
}

// The same score over the whole fleet: what the placement takes from each.
std::optional<Spot> HamiFleetWide(const GpuFleet& fleet, const Demand&, int profile) {
  return PickBy(fleet, profile, [](const OccupancyGraph& graph, int state, const Placing& placing) {
    return Score{LongestRun(graph, state) - LongestRun(graph, placing.to),
                 static_cast<int64_t>(graph.Placings(state).size()) -
                     static_cast<int64_t>(graph.Placings(placing.to).size())};
  });
}

// The node of eight GPUs with the largest share of free slots, in whole per cent; there the first
// GPU that has room and the first index.
constexpr int kGpusPerNode = 8;

std::optional<Spot> InstaSlice(const GpuFleet& fleet, const Demand&, int profile) {
  const OccupancyGraph& graph = fleet.Graph(0);
  std::optional<std::pair<int, Spot>> best;
  for (int first = 0; first < fleet.size(); first += kGpusPerNode) {
    const int last = std::min(first + kGpusPerNode, fleet.size());
    int free = 0;
    std::optional<Spot> spot;
    for (int gpu = first; gpu < last; ++gpu) {
      const int state = fleet.Gpu(gpu).state;
      free += graph.FreeUnits(state);
      const auto placings = graph.Placings(state, profile);
      if (!spot && !placings.empty()) spot = Spot{gpu, placings.front().instance};
    }
    const int score = free * 100 / ((last - first) * graph.model().units);
    if (spot && (!best || score > best->first)) best = {score, *spot};
  }
  if (!best) return std::nullopt;
  return best->second;
}

// Fragmentation gradient descent: what is free and of no use to a profile, weighted by how often
// the profile is asked for; where that grows least.
std::optional<Spot> FragmentationGradient(const GpuFleet& fleet, const Demand& demand,
                                          int profile) {
  const auto fragments = [&](const OccupancyGraph& graph, int state) {
    int64_t sum = 0;
    for (std::size_t at = 0; at < demand[0].size(); ++at) {
      const bool useless = graph.Placings(state, static_cast<int>(at)).empty();
      if (useless) sum += static_cast<int64_t>(demand[0][at]) * graph.FreeUnits(state);
    }
    return sum;
  };
  return PickBy(fleet, profile,
                [&](const OccupancyGraph& graph, int state, const Placing& placing) {
                  return Score{fragments(graph, placing.to) - fragments(graph, state), 0};
                });
}

// The same for what windows of placements are partly taken, whatever is asked for.
std::optional<Spot> BrokenWindows(const GpuFleet& fleet, const Demand&, int profile) {
  const auto broken = [](const OccupancyGraph& graph, int state) {
    int64_t sum = 0;
    for (const mig::Profile& one : graph.model().profiles) {
      if (one.units > graph.FreeUnits(state)) continue;
      for (const int start : one.starts) {
        const uint32_t window = ((uint32_t{1} << one.units) - 1) << start;
        if ((graph.State(state).units & window) != 0) sum += one.units;
      }
    }
    return sum;
  };
  return PickBy(fleet, profile,
                [&](const OccupancyGraph& graph, int state, const Placing& placing) {
                  return Score{broken(graph, placing.to) - broken(graph, state), 0};
                });
}

std::optional<Spot> Ours(const GpuFleet& fleet, const Demand& demand, int profile) {
  return PlaceOne(fleet, demand, {.choices = {{0, profile}}}).spot;
}

}  // namespace

std::vector<Policy> Policies() {
  return {{"first-fit", false, false, FirstFit},
          {"best-fit", false, false, BestFit},
          {"hami", false, false, Hami},
          {"hami, fleet-wide", false, false, HamiFleetWide},
          {"instaslice", false, false, InstaSlice},
          {"fragmentation gradient", false, false, FragmentationGradient},
          {"broken windows", false, false, BrokenWindows},
          {"bulkhead", true, false, Ours},
          {"bulkhead with moves", true, true, Ours}};
}

}  // namespace bulkhead::bench
