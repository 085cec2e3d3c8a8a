// SPDX-License-Identifier: Apache-2.0
#include "planner/room_search.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

// How many candidates are tried for what is wanted, for what is in its way, and so on.
constexpr std::array<std::size_t, 4> kTriedMax = {64, 8, 4, 2};

const mig::Profile& ProfileOf(const GpuFleet& fleet, int gpu, const mig::Instance& instance) {
  return fleet.Model(fleet.Gpu(gpu).kind).profiles[static_cast<std::size_t>(instance.profile)];
}

// Units, media engines and counts: all that can keep two instances from one GPU does so in pairs.
bool Together(const mig::GpuModel& model, const mig::Instance& one, const mig::Instance& other) {
  return mig::Fits(model, std::span(&one, 1), other);
}

std::vector<mig::Instance> InstancesOf(const FleetGpu& gpu) {
  std::vector<mig::Instance> instances;
  for (const Held& held : gpu.held) instances.push_back(held.instance);
  return instances;
}

}  // namespace

RoomSearch::RoomSearch(const GpuFleet& fleet, const Demand& demand, const Disruption& limits)
    : fleet_(fleet), demand_(demand), limits_(limits) {}

bool RoomSearch::Within(int moves, int units) const {
  return static_cast<int>(moves_.size()) + moves <= limits_.moves_max &&
         units_ + units <= limits_.units_max;
}

void RoomSearch::AddCandidates(const Choice& choice, int gpu,
                               std::vector<Candidate>& candidates) const {
  const FleetGpu& held_by = fleet_.Gpu(gpu);
  const mig::GpuModel& model = fleet_.Model(choice.kind);
  const std::vector<int64_t> prices = PricesOf(fleet_, demand_, choice.kind);
  for (const int start : model.profiles[static_cast<std::size_t>(choice.profile)].starts) {
    Candidate candidate{
        .units = 0, .loss = 0, .spot = {gpu, {choice.profile, start}}, .in_the_way = {}};
    std::vector<mig::Instance> stay{candidate.spot.instance};
    bool movable = true;
    for (const Held& held : held_by.held) {
      if (Together(model, held.instance, candidate.spot.instance)) {
        stay.push_back(held.instance);
        continue;
      }
      movable = movable && held.owner != kForeign;
      candidate.units += ProfileOf(fleet_, gpu, held.instance).units;
      candidate.in_the_way.push_back(held);
    }
    const int moves = static_cast<int>(candidate.in_the_way.size());
    if (!movable || !Within(moves, candidate.units)) continue;
    const int state = fleet_.Graph(choice.kind).StateOf(stay);
    if (state < 0) continue;
    candidate.loss = LossOf(fleet_.Rooms(choice.kind), prices, held_by.state, state);
    candidates.push_back(std::move(candidate));
  }
}

std::vector<RoomSearch::Candidate> RoomSearch::Candidates(const Choice& choice) const {
  std::vector<Candidate> candidates;
  // GPUs that hold the same in the same places are alike, but for what is foreign.
  std::set<std::vector<std::pair<mig::Instance, bool>>> seen;
  for (const auto& [state, gpus] : fleet_.Cut(choice.kind)) {
    for (const int gpu : gpus) {
      std::vector<std::pair<mig::Instance, bool>> layout;
      for (const Held& held : fleet_.Gpu(gpu).held) {
        layout.emplace_back(held.instance, held.owner == kForeign);
      }
      std::ranges::sort(layout);
      if (seen.insert(std::move(layout)).second) AddCandidates(choice, gpu, candidates);
    }
  }
  std::ranges::stable_sort(candidates, [](const Candidate& one, const Candidate& other) {
    return std::tuple(one.units, one.in_the_way.size(), one.loss, one.spot.gpu) <
           std::tuple(other.units, other.in_the_way.size(), other.loss, other.spot.gpu);
  });
  return candidates;
}

std::optional<Spot> RoomSearch::MakeRoom(const Choice& choice) {
  const auto depth = static_cast<std::size_t>(depth_);
  if (depth >= kTriedMax.size()) return std::nullopt;
  std::vector<Candidate> candidates = Candidates(choice);
  if (candidates.size() > kTriedMax[depth]) candidates.resize(kTriedMax[depth]);
  const std::size_t before = moves_.size();
  for (const Candidate& candidate : candidates) {
    // Nothing else may be put on this GPU meanwhile, but by us.
    fleet_.SetUsable(candidate.spot.gpu, false);
    ++depth_;
    const bool cleared = Clear(candidate);
    --depth_;
    fleet_.SetUsable(candidate.spot.gpu, true);
    if (cleared) return candidate.spot;
    TakeBack(before);
  }
  return std::nullopt;
}

bool RoomSearch::Clear(const Candidate& candidate) {
  std::vector<Held> away = candidate.in_the_way;
  std::ranges::stable_sort(away, std::greater(), [&](const Held& held) {
    return ProfileOf(fleet_, candidate.spot.gpu, held.instance).units;
  });
  return std::ranges::all_of(away,
                             [&](const Held& held) { return MoveAway(held, candidate.spot); });
}

// Where it fits on the same GPU and leaves room for what is wanted there.
std::optional<Spot> RoomSearch::SpotBeside(const Held& held, const Spot& wanted) const {
  const FleetGpu& gpu = fleet_.Gpu(wanted.gpu);
  const mig::GpuModel& model = fleet_.Model(gpu.kind);
  for (const int start : mig::FreeStarts(model, InstancesOf(gpu), held.instance.profile)) {
    const mig::Instance instance{held.instance.profile, start};
    if (Together(model, instance, wanted.instance)) return Spot{wanted.gpu, instance};
  }
  return std::nullopt;
}

bool RoomSearch::MoveAway(const Held& held, const Spot& wanted) {
  const int units = ProfileOf(fleet_, wanted.gpu, held.instance).units;
  if (!Within(1, units)) return false;
  const Choice choice{fleet_.Gpu(wanted.gpu).kind, held.instance.profile};
  if (const auto beside = SpotBeside(held, wanted)) return Go(held, wanted.gpu, *beside);
  const Placement placement =
      PlaceOne(fleet_, demand_, {.choices = {choice}, .separation = Separation::kInstance});
  if (placement.spot) return Go(held, wanted.gpu, *placement.spot);
  // Its own move is still to come, and is kept in reserve.
  --limits_.moves_max;
  limits_.units_max -= units;
  const std::optional<Spot> made = MakeRoom(choice);
  ++limits_.moves_max;
  limits_.units_max += units;
  return made && Go(held, wanted.gpu, *made);
}

bool RoomSearch::Go(const Held& held, int from, const Spot& to) {
  BH_CHECK(fleet_.Hold(to.gpu, {to.instance, held.owner}));
  BH_CHECK(fleet_.Release(from, held.instance));
  moves_.push_back({held.owner, {from, held.instance}, to});
  units_ += ProfileOf(fleet_, to.gpu, to.instance).units;
  return true;
}

void RoomSearch::TakeBack(std::size_t moves) {
  while (moves_.size() > moves) {
    const Move move = moves_.back();
    moves_.pop_back();
    units_ -= ProfileOf(fleet_, move.to.gpu, move.to.instance).units;
    BH_CHECK(fleet_.Release(move.to.gpu, move.to.instance));
    BH_CHECK(fleet_.Hold(move.from.gpu, {move.from.instance, move.owner}));
  }
}

}  // namespace bulkhead::planner
