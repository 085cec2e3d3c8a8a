// SPDX-License-Identifier: Apache-2.0
#include "planner/consolidation.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

// Far above what adding in floating point loses, far below any real gain.
constexpr double kGainMin = 1e-6;

double HarmonicBetween(int64_t from, int64_t to) {
  double sum = 0;
  for (int64_t at = std::min(from, to) + 1; at <= std::max(from, to); ++at) {
    sum += 1.0 / static_cast<double>(at);
  }
  return to >= from ? sum : -sum;
}

double WeightOf(const GpuFleet& fleet, const Demand& demand, int kind, std::size_t profile) {
  return static_cast<double>(demand[static_cast<std::size_t>(kind)][profile]) *
         fleet.Model(kind).profiles[profile].units;
}

struct Change {
  int from = 0;
  int to = 0;
};

// What the fleet's worth changes by when GPUs of the kind change their states so.
double GainOf(const GpuFleet& fleet, const Demand& demand, int kind,
              std::initializer_list<Change> changes) {
  double gain = 0;
  const RoomTable& rooms = fleet.Rooms(kind);
  for (std::size_t at = 0; at < fleet.Model(kind).profiles.size(); ++at) {
    const int profile = static_cast<int>(at);
    const int64_t room = fleet.Room(kind, profile);
    int64_t after = room;
    for (const Change& change : changes) {
      after += rooms.Room(change.to, profile) - rooms.Room(change.from, profile);
    }
    gain += WeightOf(fleet, demand, kind, at) * HarmonicBetween(room, after);
  }
  return gain;
}

std::vector<mig::Instance> Without(const FleetGpu& gpu, const mig::Instance& left_out) {
  std::vector<mig::Instance> others;
  for (const Held& held : gpu.held) {
    if (held.instance != left_out) others.push_back(held.instance);
  }
  return others;
}

struct Best {
  double gain = kGainMin;
  std::optional<Move> move;

  void Offer(double other_gain, const Move& other) {
    if (other_gain <= gain) return;
    gain = other_gain;
    move = other;
  }
};

// Every other place for one instance of a GPU, on it and elsewhere.
void OfferMoves(const GpuFleet& fleet, const Demand& demand, int from, const Held& held,
                Best& best) {
  const FleetGpu& gpu = fleet.Gpu(from);
  const OccupancyGraph& graph = fleet.Graph(gpu.kind);
  std::vector<mig::Instance> others = Without(gpu, held.instance);
  const int left = graph.StateOf(others);
  const Spot source{from, held.instance};
  for (const Placing& placing : graph.Placings(gpu.state, held.instance.profile)) {
    others.push_back(placing.instance);
    const Change change{gpu.state, graph.StateOf(others)};
    others.pop_back();
    best.Offer(GainOf(fleet, demand, gpu.kind, {change}),
               {held.owner, source, {from, placing.instance}});
  }
  for (const auto& [state, gpus] : fleet.Cut(gpu.kind)) {
    const auto other = std::ranges::find_if(gpus, [&](int one) { return one != from; });
    if (other == gpus.end()) continue;
    for (const Placing& placing : graph.Placings(state, held.instance.profile)) {
      const double gain = GainOf(fleet, demand, gpu.kind, {{gpu.state, left}, {state, placing.to}});
      best.Offer(gain, {held.owner, source, {*other, placing.instance}});
    }
  }
}

int UnitsOf(const GpuFleet& fleet, int gpu, const mig::Instance& instance) {
  return fleet.Model(fleet.Gpu(gpu).kind)
      .profiles[static_cast<std::size_t>(instance.profile)]
      .units;
}

std::optional<Move> BestMove(const GpuFleet& fleet, const Demand& demand, int units_max) {
  Best best;
  for (int kind = 0; kind < fleet.kinds(); ++kind) {
    std::set<std::pair<int, mig::Instance>> seen;
    for (const auto& [state, gpus] : fleet.Cut(kind)) {
      for (const int gpu : gpus) {
        for (const Held& held : fleet.Gpu(gpu).held) {
          if (held.owner == kForeign || UnitsOf(fleet, gpu, held.instance) > units_max) continue;
          // The state that it leaves and the instance decide what moving it gains.
          if (!seen.insert({state, held.instance}).second) continue;
          OfferMoves(fleet, demand, gpu, held, best);
        }
      }
    }
  }
  return best.move;
}

}  // namespace

double WorthOf(const GpuFleet& fleet, const Demand& demand) {
  double worth = 0;
  for (int kind = 0; kind < fleet.kinds(); ++kind) {
    for (std::size_t at = 0; at < fleet.Model(kind).profiles.size(); ++at) {
      worth += WeightOf(fleet, demand, kind, at) *
               HarmonicBetween(0, fleet.Room(kind, static_cast<int>(at)));
    }
  }
  return worth;
}

std::vector<Move> FindGainingMoves(const GpuFleet& fleet, const Demand& demand,
                                   const Disruption& limits) {
  GpuFleet after = fleet;
  std::vector<Move> moves;
  int units_left = limits.units_max;
  while (static_cast<int>(moves.size()) < limits.moves_max) {
    const std::optional<Move> move = BestMove(after, demand, units_left);
    if (!move) break;
    units_left -= UnitsOf(after, move->from.gpu, move->from.instance);
    BH_CHECK(after.Hold(move->to.gpu, {move->to.instance, move->owner}));
    BH_CHECK(after.Release(move->from.gpu, move->from.instance));
    moves.push_back(*move);
  }
  return moves;
}

}  // namespace bulkhead::planner
