// SPDX-License-Identifier: Apache-2.0
#include "planner/placement.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/check.h"
#include "planner/refusal.h"

namespace bulkhead::planner {
namespace {

// Prices are integers so that equal losses are equal: with 20 bits of demand, 5 of units, these
// and 4 of rooms for each of up to 64 profiles, a loss stays below 2^63.
constexpr int kPriceBits = 24;
constexpr int64_t kLossSteps = 64;

bool Known(const GpuFleet& fleet, const Choice& choice) {
  if (choice.kind < 0 || choice.kind >= fleet.kinds()) return false;
  const auto profiles = static_cast<int>(fleet.Model(choice.kind).profiles.size());
  return choice.profile >= kWholeGpu && choice.profile < profiles;
}

std::optional<Spot> PlaceInstance(const GpuFleet& fleet, const Demand& demand,
                                  const Choice& choice) {
  const std::vector<int64_t> prices = PricesOf(fleet, demand, choice.kind);
  const OccupancyGraph& graph = fleet.Graph(choice.kind);
  using Rank = std::tuple<int64_t, int, int, int>;  // loss, free units, GPU, start
  std::optional<Rank> best;
  for (const auto& [state, gpus] : fleet.Cut(choice.kind)) {
    for (const Placing& placing : graph.Placings(state, choice.profile)) {
      const int64_t loss = LossOf(fleet.Rooms(choice.kind), prices, state, placing.to);
      const Rank rank = {CoarseLoss(loss, prices), graph.FreeUnits(state), *gpus.begin(),
                         placing.instance.start};
      if (!best || rank < *best) best = rank;
    }
  }
  if (!best) return std::nullopt;
  return Spot{std::get<2>(*best), {choice.profile, std::get<3>(*best)}};
}

std::optional<Spot> PlaceWhole(const GpuFleet& fleet, int kind) {
  const std::set<int>& free = fleet.FreeWhole(kind);
  if (free.empty()) return std::nullopt;
  return Spot{*free.begin(), {kWholeGpu, 0}};
}

}  // namespace

Demand EvenDemand(const GpuFleet& fleet) {
  Demand demand;
  for (int kind = 0; kind < fleet.kinds(); ++kind) {
    demand.emplace_back(fleet.Model(kind).profiles.size(), 1);
  }
  return demand;
}

void Count(Demand& demand, const Request& request) {
  for (const Choice& choice : request.choices) {
    const auto kind = static_cast<std::size_t>(choice.kind);
    const auto profile = static_cast<std::size_t>(choice.profile);
    // A whole GPU and what the fleet does not have, both negative ones included, take no part.
    if (kind >= demand.size() || profile >= demand[kind].size()) continue;
    if (demand[kind][profile] >= kDemandMax) {
      for (std::vector<uint32_t>& other : demand) {
        for (uint32_t& one : other) one = (one + 1) / 2;
      }
    }
    ++demand[kind][profile];
  }
}

std::vector<int64_t> PricesOf(const GpuFleet& fleet, const Demand& demand, int kind) {
  BH_CHECK(static_cast<int>(demand.size()) == fleet.kinds());
  const std::vector<uint32_t>& asked = demand[static_cast<std::size_t>(kind)];
  const std::vector<mig::Profile>& profiles = fleet.Model(kind).profiles;
  BH_CHECK(asked.size() == profiles.size());
  std::vector<int64_t> prices;
  for (std::size_t at = 0; at < profiles.size(); ++at) {
    const int64_t wanted =
        static_cast<int64_t>(std::min(asked[at], kDemandMax)) * profiles[at].units;
    const int64_t room = fleet.Room(kind, static_cast<int>(at));
    prices.push_back((wanted << kPriceBits) / (room + 1));
  }
  return prices;
}

int64_t LossOf(const RoomTable& rooms, const std::vector<int64_t>& prices, int from, int to) {
  int64_t loss = 0;
  for (std::size_t at = 0; at < prices.size(); ++at) {
    const int profile = static_cast<int>(at);
    loss += prices[at] * (rooms.Room(from, profile) - rooms.Room(to, profile));
  }
  return loss;
}

int64_t CoarseLoss(int64_t loss, const std::vector<int64_t>& prices) {
  const int64_t sum = std::accumulate(prices.begin(), prices.end(), int64_t{0});
  const int64_t step = std::max<int64_t>(1, sum / kLossSteps);
  return (loss + step / 2) / step;
}

Placement PlaceOne(const GpuFleet& fleet, const Demand& demand, const Request& request) {
  Placement placement;
  if (request.choices.empty()) placement.reasons.emplace_back("no kind of GPU would do");
  for (const Choice& choice : request.choices) {
    if (!Known(fleet, choice)) {
      placement.reasons.emplace_back("the fleet has no such kind of GPU or profile");
    } else if (choice.profile == kWholeGpu) {
      placement.spot = PlaceWhole(fleet, choice.kind);
      if (!placement.spot) placement.reasons.push_back(WhyNoWholeGpu(fleet, choice.kind));
    } else if (request.separation == Separation::kGpu) {
      placement.reasons.push_back(WhyTooClose(fleet, choice));
    } else {
      placement.spot = PlaceInstance(fleet, demand, choice);
      if (!placement.spot) placement.reasons.push_back(WhyNoInstance(fleet, choice));
    }
    if (placement.spot) return {.spot = placement.spot, .reasons = {}};
  }
  return placement;
}

}  // namespace bulkhead::planner
