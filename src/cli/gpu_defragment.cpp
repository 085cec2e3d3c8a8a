// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_defragment.h"

#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/terminal_text.h"
#include "planner/placement.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

const char* StepName(planner::StepKind kind) {
  switch (kind) {
    case planner::StepKind::kStart:
      return "start";
    case planner::StepKind::kSwitch:
      return "switch";
    case planner::StepKind::kDrain:
      return "drain";
    case planner::StepKind::kDestroy:
      return "destroy";
  }
  return "";
}

// As FleetOf, with every held instance a deployment's of its own, and without what is idle.
planner::GpuFleet OwnedFleet(const GpuInventory& inventory, std::vector<std::string>& names) {
  planner::GpuFleet fleet = FleetOf(inventory);
  for (std::size_t gpu = 0; gpu < inventory.gpus.size(); ++gpu) {
    const GpuOwners& owners = inventory.owners[gpu];
    const int index = static_cast<int>(gpu);
    for (std::size_t i = 0; i < owners.instances.size(); ++i) {
      if (owners.instances[i].kind == SlotOwner::Kind::kForeign) continue;
      const device::GpuInstance& there = inventory.gpus[gpu].instances[i];
      const mig::Instance instance{there.profile, there.start};
      fleet.Release(index, instance);
      if (owners.instances[i].kind != SlotOwner::Kind::kHeld) continue;
      fleet.Hold(index, {instance, static_cast<int64_t>(names.size())});
      names.push_back(owners.instances[i].name);
    }
    if (owners.whole.kind == SlotOwner::Kind::kHeld) {
      fleet.Hold(index, {{planner::kWholeGpu, 0}, planner::kForeign});
    }
    if (!owners.fenced.empty()) fleet.SetUsable(index, false);
  }
  return fleet;
}

std::map<std::string, int64_t> RoomOf(const planner::GpuFleet& fleet) {
  std::map<std::string, int64_t> room;
  for (int kind = 0; kind < fleet.kinds(); ++kind) {
    const mig::GpuModel& model = fleet.Model(kind);
    for (std::size_t p = 0; p < model.profiles.size(); ++p) {
      room[model.name + " " + model.profiles[p].name] = fleet.Room(kind, static_cast<int>(p));
    }
  }
  return room;
}

void SayGains(planner::GpuFleet fleet, DefragmentPlan& plan) {
  const auto before = RoomOf(fleet);
  for (const planner::Move& move : plan.moves.moves) {
    fleet.Release(move.from.gpu, move.from.instance);
    fleet.Hold(move.to.gpu, {move.to.instance, move.owner});
  }
  for (const auto& [what, room] : RoomOf(fleet)) {
    if (room <= before.at(what)) continue;
    plan.gains.push_back(fmt::format("{}: {} instead of {}", what, room, before.at(what)));
  }
}

std::string SpotText(const GpuInventory& inventory, const planner::Spot& spot) {
  const auto gpu = static_cast<std::size_t>(spot.gpu);
  return fmt::format("{} at {} of {}",
                     ProfileText(inventory.gpus[gpu].model, spot.instance.profile),
                     spot.instance.start, TitleOf(inventory, gpu));
}

}  // namespace

base::Result<DefragmentPlan> PlanDefragment(const GpuInventory& inventory,
                                            const std::optional<Wish>& wanted,
                                            const planner::Disruption& limits) {
  if (inventory.owners.size() != inventory.gpus.size()) {
    return base::OperatorError(base::Code::kUnavailable,
                               "nobody said who has what: no node answers at --node");
  }
  DefragmentPlan plan;
  const planner::GpuFleet fleet = OwnedFleet(inventory, plan.names);
  const planner::Demand demand = planner::EvenDemand(fleet);
  if (!wanted) {
    plan.moves = planner::PlanConsolidation(fleet, demand, limits);
    SayGains(fleet, plan);
    return plan;
  }
  planner::Request request{.choices = ChoicesOf(fleet, *wanted)};
  if (request.choices.empty()) {
    return base::OperatorError(base::Code::kInvalid,
                               wanted->what + ": no GPU here has anything for it");
  }
  const auto owner = static_cast<int64_t>(plan.names.size());
  plan.names.push_back(wanted->what);
  plan.moves = planner::PlanRoom(fleet, demand, request, owner, limits);
  return plan;
}

std::string DefragmentText(const GpuInventory& inventory, const DefragmentPlan& plan) {
  std::string text;
  for (const planner::Step& step : plan.moves.steps) {
    text += fmt::format("{}  {:<8}{}  for {}", step.wave + 1, StepName(step.kind),
                        SpotText(inventory, step.spot),
                        EscapeForTerminal(plan.names[static_cast<std::size_t>(step.owner)]));
    if (step.old_spot) text += "  from " + SpotText(inventory, *step.old_spot);
    text += inventory.simulated ? "  (simulated)\n" : "\n";
  }
  if (!plan.moves.reason.empty()) text += "! " + plan.moves.reason + '\n';
  for (const std::string& gain : plan.gains) text += "then " + EscapeForTerminal(gain) + '\n';
  return text;
}

json DefragmentJson(const GpuInventory& inventory, const DefragmentPlan& plan) {
  const auto spot = [&](const planner::Spot& one) {
    const auto gpu = static_cast<std::size_t>(one.gpu);
    return json{{"gpu", gpu},
                {"uuid", inventory.gpus[gpu].uuid},
                {"profile", ProfileText(inventory.gpus[gpu].model, one.instance.profile)},
                {"start", one.instance.start}};
  };
  json steps = json::array();
  for (const planner::Step& step : plan.moves.steps) {
    steps.push_back({{"wave", step.wave},
                     {"step", StepName(step.kind)},
                     {"for", plan.names[static_cast<std::size_t>(step.owner)]},
                     {"spot", spot(step.spot)},
                     {"old_spot", step.old_spot ? spot(*step.old_spot) : json(nullptr)}});
  }
  return {{"simulated", inventory.simulated},
          {"moves", plan.moves.moves.size()},
          {"steps", std::move(steps)},
          {"reason", plan.moves.reason.empty() ? json(nullptr) : json(plan.moves.reason)},
          {"gains", plan.gains}};
}

}  // namespace bulkhead::cli
