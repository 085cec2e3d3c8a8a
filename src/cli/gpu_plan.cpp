// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_plan.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/terminal_text.h"
#include "planner/packing.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

constexpr int kCountMax = 10'000;

// The profile of this kind that would do: its index, or that of all of it; nullopt: none.
std::optional<int> ProfileOn(const mig::GpuModel& model, const Wish& wish) {
  std::string name = wish.what;
  if (!wish.profiles.empty()) {
    const auto found = wish.profiles.find(model.name);
    if (found == wish.profiles.end()) return std::nullopt;
    name = found->second;
  }
  if (name == "gpu") return planner::kWholeGpu;
  const int profile = mig::FindProfile(model, name);
  return profile < 0 ? std::nullopt : std::optional(profile);
}

planner::Wanted WantedOf(const planner::GpuFleet& fleet, const Wish& wish) {
  planner::Wanted wanted;
  for (int kind = 0; kind < fleet.kinds(); ++kind) {
    const mig::GpuModel& model = fleet.Model(kind);
    const std::optional<int> profile = ProfileOn(model, wish);
    if (!profile) continue;
    wanted.request.choices.push_back({kind, *profile});
    const int slices = *profile == planner::kWholeGpu
                           ? std::max(1, model.units)
                           : model.profiles[static_cast<std::size_t>(*profile)].slices;
    wanted.weight = std::max<int64_t>(wanted.weight, slices);
  }
  return wanted;
}

}  // namespace

std::vector<planner::Choice> ChoicesOf(const planner::GpuFleet& fleet, const Wish& wish) {
  return WantedOf(fleet, wish).request.choices;
}

std::optional<Wish> ParseWish(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return Wish{.what = text};
  int count = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, count);
  if (error != std::errc() || stopped != end || count < 1 || count > kCountMax || colon == 0) {
    return std::nullopt;
  }
  return Wish{.what = text.substr(0, colon), .count = count};
}

base::Result<GpuPlan> PlanWishes(const GpuInventory& inventory, const std::vector<Wish>& wishes) {
  planner::GpuFleet fleet = FleetOf(inventory);
  std::vector<planner::Wanted> wanted;
  std::vector<std::string> names;
  for (const Wish& wish : wishes) {
    const planner::Wanted one = WantedOf(fleet, wish);
    if (one.request.choices.empty()) {
      return base::OperatorError(base::Code::kInvalid,
                                 wish.what + ": no GPU here has anything for it");
    }
    for (int i = 0; i < wish.count; ++i) {
      wanted.push_back(one);
      names.push_back(wish.what);
    }
  }
  const planner::Packing packing = planner::PackAll(fleet, wanted);
  GpuPlan plan;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::optional<planner::Spot>& spot = packing.spots[i];
    if (!spot) continue;
    fleet.Hold(spot->gpu, {spot->instance});
    plan.added.push_back({static_cast<std::size_t>(spot->gpu), {spot->instance, names[i]}});
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (packing.spots[i]) continue;
    const auto placement = planner::PlaceOne(fleet, planner::EvenDemand(fleet), wanted[i].request);
    plan.refused.emplace_back(names[i], placement.reasons.empty() ? "no room beside the others"
                                                                  : placement.reasons.front());
  }
  std::ranges::sort(plan.added, {}, [](const PlannedInstance& one) {
    return std::tuple(one.gpu, one.added.instance.start);
  });
  return plan;
}

std::string PlanText(const GpuInventory& inventory, const GpuPlan& plan) {
  std::string text;
  std::map<std::size_t, std::vector<OwnedInstance>> changed;
  for (const auto& [gpu, added] : plan.added) {
    const mig::Instance& instance = added.instance;
    const std::string profile = ProfileText(inventory.gpus[gpu].model, instance.profile);
    text += fmt::format("+ {}  {}", TitleOf(inventory, gpu), profile);
    if (instance.profile != planner::kWholeGpu) text += fmt::format(" at {}", instance.start);
    if (added.owner != profile) text += "  for " + EscapeForTerminal(added.owner);
    text += '\n';
    auto& instances = changed.try_emplace(gpu, PresentInstances(inventory, gpu)).first->second;
    instances.push_back({instance, "new"});
  }
  for (const auto& [gpu, instances] : changed) {
    text += "\n" + report::DrawGpu(DrawingOf(inventory, gpu, instances));
  }
  if (!plan.refused.empty()) text += "\n";
  for (const auto& [what, why] : plan.refused)
    text += fmt::format("! {}: {}\n", EscapeForTerminal(what), why);
  return text;
}

json PlanJson(const GpuInventory& inventory, const GpuPlan& plan) {
  json added = json::array();
  for (const auto& [gpu, one] : plan.added) {
    added.push_back({{"gpu", gpu},
                     {"uuid", inventory.gpus[gpu].uuid},
                     {"profile", ProfileText(inventory.gpus[gpu].model, one.instance.profile)},
                     {"start", one.instance.start},
                     {"for", one.owner}});
  }
  json refused = json::array();
  for (const auto& [what, why] : plan.refused) refused.push_back({{"for", what}, {"why", why}});
  return {{"simulated", inventory.simulated},
          {"added", std::move(added)},
          {"refused", std::move(refused)}};
}

}  // namespace bulkhead::cli
