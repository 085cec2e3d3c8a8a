// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_usage_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/terminal_text.h"
#include "planner/placement.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

std::string TextOf(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> TextsOf(const json& object, const char* member) {
  std::vector<std::string> texts;
  const auto found = object.find(member);
  if (found == object.end() || !found->is_array()) return texts;
  for (const json& one : *found) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

// What the inventory has under this name; nullopt: nothing.
std::optional<PlannedInstance> Find(const GpuInventory& inventory, const std::string& device) {
  const std::size_t slash = std::min(device.find('/'), device.size());
  const auto gpu = std::ranges::find(inventory.gpus, device.substr(0, slash), &device::Gpu::uuid);
  if (gpu == inventory.gpus.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(gpu - inventory.gpus.begin());
  if (slash == device.size()) return PlannedInstance{index, {{planner::kWholeGpu, 0}, {}}};
  for (const device::GpuInstance& instance : gpu->instances) {
    if (std::to_string(instance.id) != device.substr(slash + 1)) continue;
    return PlannedInstance{index, {{instance.profile, instance.start}, {}}};
  }
  return std::nullopt;
}

std::string InstanceText(const GpuInventory& inventory, std::size_t gpu,
                         const mig::Instance& instance) {
  std::string text =
      TitleOf(inventory, gpu) + "  " + ProfileText(inventory.gpus[gpu].model, instance.profile);
  if (instance.profile != planner::kWholeGpu) text += fmt::format(" at {}", instance.start);
  return text;
}

// Room by "A100-40GB 3g.20gb".
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

void PlanMoves(const GpuInventory& inventory, const std::vector<UseAdvice>& advice, UsePlan& plan) {
  planner::GpuFleet fleet = FleetOf(inventory);
  for (std::size_t i = 0; i < advice.size(); ++i) {
    for (const std::string& device : advice[i].devices) {
      const auto found = Find(inventory, device);
      if (!found || !fleet.Release(static_cast<int>(found->gpu), found->added.instance)) continue;
      fleet.Hold(static_cast<int>(found->gpu), {found->added.instance, static_cast<int64_t>(i)});
    }
  }
  const auto before = RoomOf(fleet);
  const planner::MovePlan moves =
      planner::PlanConsolidation(fleet, planner::EvenDemand(fleet), planner::Disruption{});
  for (const planner::Move& move : moves.moves) {
    fleet.Release(move.from.gpu, move.from.instance);
    fleet.Hold(move.to.gpu, {move.to.instance, move.owner});
    plan.moves.push_back(fmt::format(
        "{} to {}  for {}",
        InstanceText(inventory, static_cast<std::size_t>(move.from.gpu), move.from.instance),
        InstanceText(inventory, static_cast<std::size_t>(move.to.gpu), move.to.instance),
        advice[static_cast<std::size_t>(move.owner)].name));
  }
  for (const auto& [what, room] : RoomOf(fleet)) {
    if (room > before.at(what)) {
      plan.gains.push_back(fmt::format("{}: {} instead of {}", what, room, before.at(what)));
    }
  }
}

}  // namespace

base::Result<std::vector<UseAdvice>> ReadUseAdvice(const json& answer) {
  const auto all = answer.find("deployments");
  if (all == answer.end() || !all->is_array()) {
    return base::OperatorError(base::Code::kInternal, "the gateway gives no advice; is it older?");
  }
  std::vector<UseAdvice> advice;
  for (const json& one : *all) {
    UseAdvice read;
    read.name = TextOf(one, "tenant") + "/" + TextOf(one, "model");
    read.profile = TextOf(one, "profile");
    read.gpu = TextOf(one, "gpu");
    const auto simulated = one.find("simulated");
    read.simulated = simulated != one.end() && *simulated == json(true);
    read.verdict = TextOf(one, "verdict");
    read.move_to = TextOf(one, "move_to");
    const auto replicas = one.find("replicas");
    if (replicas != one.end() && replicas->is_number_unsigned()) {
      read.replicas = static_cast<int>(std::clamp<uint64_t>(replicas->get<uint64_t>(), 1, 10'000));
    }
    read.devices = TextsOf(one, "devices");
    read.reasons = TextsOf(one, "reasons");
    advice.push_back(std::move(read));
  }
  return advice;
}

base::Result<UsePlan> PlanFromUse(const GpuInventory& inventory,
                                  const std::vector<UseAdvice>& advice) {
  UsePlan plan;
  std::vector<Wish> wishes;
  for (const UseAdvice& one : advice) {
    if (one.move_to.empty()) continue;
    const bool here = std::ranges::any_of(
        inventory.gpus, [&one](const device::Gpu& gpu) { return gpu.model.name == one.gpu; });
    if (!here) {
      plan.plan.refused.emplace_back(one.name, "there is no " + one.gpu + " here");
      continue;
    }
    wishes.push_back(
        {.what = one.name, .count = one.replicas, .profiles = {{one.gpu, one.move_to}}});
    for (const std::string& device : one.devices) {
      auto found = Find(inventory, device);
      if (!found) continue;
      found->added.owner = one.name;
      plan.removed.push_back(*std::move(found));
    }
  }
  BH_ASSIGN(GpuPlan placed, PlanWishes(inventory, wishes));
  plan.plan.added = std::move(placed.added);
  std::ranges::move(placed.refused, std::back_inserter(plan.plan.refused));
  PlanMoves(inventory, advice, plan);
  return plan;
}

std::string AdviceText(const std::vector<UseAdvice>& advice) {
  std::string text;
  for (const UseAdvice& one : advice) {
    text += EscapeForTerminal(one.name) + "  " + EscapeForTerminal(one.profile);
    if (!one.gpu.empty()) text += " of " + EscapeForTerminal(one.gpu);
    if (one.simulated) text += " (simulated)";
    text += ": " + EscapeForTerminal(one.verdict);
    if (!one.move_to.empty()) text += ", move to " + EscapeForTerminal(one.move_to);
    text += '\n';
    for (const std::string& reason : one.reasons) {
      text += "    " + EscapeForTerminal(reason) + '\n';
    }
  }
  return text.empty() ? "nothing is deployed\n" : text;
}

std::string ChangesText(const std::vector<UseAdvice>& advice) {
  std::string text;
  for (const UseAdvice& one : advice) {
    if (one.move_to.empty()) continue;
    const std::string owner = "  for " + EscapeForTerminal(one.name) + '\n';
    for (int i = 0; i < one.replicas; ++i) {
      text += "- " + EscapeForTerminal(one.gpu + "  " + one.profile) + owner;
      text += "+ " + EscapeForTerminal(one.gpu + "  " + one.move_to) + owner;
    }
  }
  return text;
}

std::string UsePlanText(const GpuInventory& inventory, const UsePlan& plan) {
  std::string text;
  for (const auto& [gpu, one] : plan.removed) {
    text += "- " + InstanceText(inventory, gpu, one.instance) + "  for " +
            EscapeForTerminal(one.owner) + '\n';
  }
  text += PlanText(inventory, plan.plan);
  if (plan.moves.empty()) return text;
  text += "\nfragmented: these moves would make room\n";
  for (const std::string& move : plan.moves) text += "  " + EscapeForTerminal(move) + '\n';
  for (const std::string& gain : plan.gains) text += "  then " + EscapeForTerminal(gain) + '\n';
  return text;
}

json UsePlanJson(const GpuInventory& inventory, const UsePlan& plan) {
  json document = PlanJson(inventory, plan.plan);
  json removed = json::array();
  for (const auto& [gpu, one] : plan.removed) {
    removed.push_back({{"gpu", gpu},
                       {"uuid", inventory.gpus[gpu].uuid},
                       {"profile", ProfileText(inventory.gpus[gpu].model, one.instance.profile)},
                       {"start", one.instance.start},
                       {"for", one.owner}});
  }
  document["removed"] = std::move(removed);
  document["fragmented"] = !plan.moves.empty();
  document["moves"] = plan.moves;
  document["gains"] = plan.gains;
  return document;
}

}  // namespace bulkhead::cli
