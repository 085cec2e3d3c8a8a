// SPDX-License-Identifier: Apache-2.0
#include "planner/defragment.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "planner/consolidation.h"
#include "planner/room_search.h"

namespace bulkhead::planner {
namespace {

std::vector<Choice> ChoicesOfInstances(const GpuFleet& fleet, const Request& request) {
  std::vector<Choice> choices;
  if (request.separation != Separation::kInstance) return choices;
  for (const Choice& choice : request.choices) {
    if (choice.kind < 0 || choice.kind >= fleet.kinds() || choice.profile < 0) continue;
    const auto profiles = static_cast<int>(fleet.Model(choice.kind).profiles.size());
    if (choice.profile < profiles) choices.push_back(choice);
  }
  return choices;
}

void StartLast(MovePlan& plan, int64_t owner) {
  const int wave = plan.steps.empty() ? 0 : plan.steps.back().wave + 1;
  plan.steps.push_back({StepKind::kStart, owner, *plan.spot, std::nullopt, wave});
}

// Those of the moves from `at` on that can be under way together, after all before them.
std::size_t EndOfWave(GpuFleet& fleet, std::span<const Move> moves, std::size_t at, int at_once) {
  const std::size_t begin = at;
  for (; at < moves.size() && at < begin + static_cast<std::size_t>(at_once); ++at) {
    const auto earlier = moves.subspan(begin, at - begin);
    if (std::ranges::find(earlier, moves[at].from, &Move::to) != earlier.end()) break;
    if (!fleet.Hold(moves[at].to.gpu, {moves[at].to.instance, moves[at].owner})) break;
  }
  for (const Move& move : moves.subspan(begin, at - begin)) {
    BH_CHECK(fleet.Release(move.from.gpu, move.from.instance));
  }
  return at;
}

void AddWave(std::vector<Step>& steps, std::span<const Move> moves, int wave) {
  for (const Move& move : moves) {
    steps.push_back({StepKind::kStart, move.owner, move.to, std::nullopt, wave});
  }
  for (const Move& move : moves) {
    steps.push_back({StepKind::kSwitch, move.owner, move.to, move.from, wave});
  }
  for (const Move& move : moves) {
    steps.push_back({StepKind::kDrain, move.owner, move.from, std::nullopt, wave});
  }
  for (const Move& move : moves) {
    steps.push_back({StepKind::kDestroy, move.owner, move.from, std::nullopt, wave});
  }
}

}  // namespace

std::vector<Step> StepsOf(const GpuFleet& fleet, std::span<const Move> moves, int at_once) {
  BH_CHECK(at_once > 0);
  std::vector<Step> steps;
  GpuFleet after = fleet;
  int wave = 0;
  for (std::size_t at = 0; at < moves.size(); ++wave) {
    const std::size_t end = EndOfWave(after, moves, at, at_once);
    BH_CHECK(end > at);
    AddWave(steps, moves.subspan(at, end - at), wave);
    at = end;
  }
  return steps;
}

MovePlan PlanRoom(const GpuFleet& fleet, const Demand& demand, const Request& request,
                  int64_t owner, const Disruption& limits) {
  MovePlan plan;
  const Placement placement = PlaceOne(fleet, demand, request);
  if (placement.spot) {
    plan.spot = placement.spot;
    StartLast(plan, owner);
    return plan;
  }
  for (const Choice& choice : ChoicesOfInstances(fleet, request)) {
    if (limits.at_once <= 0) break;
    RoomSearch search(fleet, demand, limits);
    plan.spot = search.MakeRoom(choice);
    if (!plan.spot) continue;
    plan.moves = search.moves();
    plan.steps = StepsOf(fleet, plan.moves, limits.at_once);
    StartLast(plan, owner);
    return plan;
  }
  plan.reason =
      fmt::format("{} moves of {} units together make no room", limits.moves_max, limits.units_max);
  for (const std::string& reason : placement.reasons) plan.reason += "; " + reason;
  return plan;
}

MovePlan PlanConsolidation(const GpuFleet& fleet, const Demand& demand, const Disruption& limits) {
  MovePlan plan;
  if (limits.at_once > 0) plan.moves = FindGainingMoves(fleet, demand, limits);
  if (plan.moves.empty()) {
    plan.reason = "no move within the limits would leave more room";
    return plan;
  }
  plan.steps = StepsOf(fleet, plan.moves, limits.at_once);
  return plan;
}

std::vector<Step> StepsToSettle(std::span<const Found> found) {
  std::vector<Step> steps;
  for (const Found& one : found) {
    if (one.role == Role::kServing) continue;
    if (one.role == Role::kLeaving) {
      steps.push_back({StepKind::kDrain, one.owner, one.spot, std::nullopt, 0});
    }
    steps.push_back({StepKind::kDestroy, one.owner, one.spot, std::nullopt, 0});
  }
  return steps;
}

}  // namespace bulkhead::planner
