// SPDX-License-Identifier: Apache-2.0
#include "planner/refusal.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace bulkhead::planner {
namespace {

const mig::Profile& ProfileOf(const GpuFleet& fleet, const Choice& choice) {
  return fleet.Model(choice.kind).profiles[static_cast<std::size_t>(choice.profile)];
}

std::string Starts(const std::vector<int>& starts) {
  std::string words;
  for (std::size_t at = 0; at < starts.size(); ++at) {
    if (at > 0) words += at + 1 == starts.size() ? " or " : ", ";
    words += std::to_string(starts[at]);
  }
  return words;
}

std::vector<mig::Instance> Without(const FleetGpu& gpu, std::size_t left_out) {
  std::vector<mig::Instance> others;
  for (std::size_t at = 0; at < gpu.held.size(); ++at) {
    if (at != left_out) others.push_back(gpu.held[at].instance);
  }
  return others;
}

// By profile: how many usable GPUs take one more as they are, counted up to two, which is enough
// to know of another one.
std::vector<int> TakesMore(const GpuFleet& fleet, int kind) {
  std::vector<int> more(fleet.Model(kind).profiles.size());
  for (const auto& [state, gpus] : fleet.Cut(kind)) {
    for (std::size_t profile = 0; profile < more.size(); ++profile) {
      if (fleet.Graph(kind).Placings(state, static_cast<int>(profile)).empty()) continue;
      more[profile] = std::min(2, more[profile] + static_cast<int>(gpus.size()));
    }
  }
  return more;
}

// Whether the profile fits once a single instance of ours has gone to another GPU of the kind, or
// to where it still fits on this one.
bool FitsAfterOneMove(const GpuFleet& fleet, const FleetGpu& gpu, int profile,
                      const std::vector<int>& more) {
  const OccupancyGraph& graph = fleet.Graph(gpu.kind);
  for (std::size_t at = 0; at < gpu.held.size(); ++at) {
    if (gpu.held[at].owner == kForeign) continue;
    const int moved = gpu.held[at].instance.profile;
    const bool here = !graph.Placings(gpu.state, moved).empty();
    const bool elsewhere = more[static_cast<std::size_t>(moved)] > (here ? 1 : 0);
    if (!here && !elsewhere) continue;
    const std::vector<mig::Instance> others = Without(gpu, at);
    for (const int start : mig::FreeStarts(graph.model(), others, profile)) {
      std::vector<mig::Instance> with = others;
      with.push_back({profile, start});
      if (elsewhere) return true;
      // It starts anew beside itself, so its new place must be free as it stands, too.
      with.push_back(gpu.held[at].instance);
      for (const Placing& again : graph.Placings(gpu.state, moved)) {
        with.back() = again.instance;
        if (mig::IsLegal(graph.model(), with)) return true;
      }
    }
  }
  return false;
}

int CountFenced(const GpuFleet& fleet, int kind) {
  int fenced = 0;
  for (int gpu = 0; gpu < fleet.size(); ++gpu) {
    fenced += fleet.Gpu(gpu).kind == kind && !fleet.Gpu(gpu).usable ? 1 : 0;
  }
  return fenced;
}

std::string AndFenced(const GpuFleet& fleet, int kind) {
  const int fenced = CountFenced(fleet, kind);
  if (fenced == 0) return {};
  return fmt::format("; {} fenced", fenced);
}

std::string Gpus(int count) { return fmt::format("{} GPU{}", count, count == 1 ? "" : "s"); }

}  // namespace

std::string WhyNoInstance(const GpuFleet& fleet, const Choice& choice) {
  const mig::Profile& profile = ProfileOf(fleet, choice);
  const std::vector<int> more = TakesMore(fleet, choice.kind);
  int cut = 0;
  int after_move = 0;
  for (const auto& [state, gpus] : fleet.Cut(choice.kind)) {
    for (const int gpu : gpus) {
      ++cut;
      after_move += FitsAfterOneMove(fleet, fleet.Gpu(gpu), choice.profile, more) ? 1 : 0;
    }
  }
  const std::string& model = fleet.Model(choice.kind).name;
  const std::string fenced = AndFenced(fleet, choice.kind);
  if (cut == 0) return fmt::format("{}: no GPU to cut for {}{}", model, profile.name, fenced);
  const std::string help =
      after_move == 0 ? "moving 1 instance would not help"
                      : fmt::format("{} would have after moving 1 instance", Gpus(after_move));
  const bool alone = profile.media == mig::Media::kAdded || profile.media == mig::Media::kAll;
  return fmt::format("{}: none of {} has {} free unit{} from {}{} for {}; {}{}", model, Gpus(cut),
                     profile.units, profile.units == 1 ? "" : "s", Starts(profile.starts),
                     alone ? " and the media engines" : "", profile.name, help, fenced);
}

std::string WhyNoWholeGpu(const GpuFleet& fleet, int kind) {
  int taken = 0;
  int cut = 0;
  for (int at = 0; at < fleet.size(); ++at) {
    const FleetGpu& gpu = fleet.Gpu(at);
    if (gpu.kind != kind || !gpu.usable) continue;
    (gpu.mode == GpuMode::kCut ? cut : taken) += 1;
  }
  return fmt::format("{}: no whole GPU is free ({} taken, {} cut{})", fleet.Model(kind).name, taken,
                     cut, AndFenced(fleet, kind));
}

std::string WhyTooClose(const GpuFleet& fleet, const Choice& choice) {
  return fmt::format("{}: {} shares its GPU, and a GPU of its own is asked for",
                     fleet.Model(choice.kind).name, ProfileOf(fleet, choice).name);
}

}  // namespace bulkhead::planner
