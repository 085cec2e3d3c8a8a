// SPDX-License-Identifier: Apache-2.0
#include "device/gpu_choice.h"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mig/layout.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

bool IsNamed(const PartitionRequest& request, const Gpu& gpu) {
  return request.device_id.value_or(gpu.uuid) == gpu.uuid;
}

base::Error NoSuchProfile(const PartitionRequest& request, const std::vector<Gpu>& gpus) {
  std::set<std::string> names = {std::string(kWholeGpu)};
  for (const Gpu& gpu : gpus) {
    if (!IsNamed(request, gpu)) continue;
    for (const mig::Profile& profile : gpu.model.profiles) names.insert(profile.name);
  }
  return OperatorError(Code::kInvalid, fmt::format("\"{}\" is not a profile here; there are {}",
                                                   request.profile, fmt::join(names, ", ")));
}

}  // namespace

bool IsMeant(const PartitionRequest& request, const Gpu& gpu) {
  const bool whole = request.profile == kWholeGpu;
  return IsNamed(request, gpu) && whole == (gpu.mig != MigMode::kOn);
}

base::Status CheckRequest(const PartitionRequest& request, const std::vector<Gpu>& gpus) {
  if (std::ranges::none_of(gpus, [&](const Gpu& gpu) { return IsNamed(request, gpu); })) {
    return OperatorError(Code::kInvalid,
                         "no such GPU here: " + request.device_id.value_or("there is none"));
  }
  if (request.profile == kWholeGpu) {
    if (!request.start) return base::Ok();
    return OperatorError(Code::kInvalid, "a whole GPU has no start");
  }
  bool known = false;
  for (const Gpu& gpu : gpus) {
    const int profile = IsNamed(request, gpu) ? mig::FindProfile(gpu.model, request.profile) : -1;
    if (profile < 0) continue;
    known = true;
    const auto& starts = gpu.model.profiles[static_cast<std::size_t>(profile)].starts;
    if (!request.start || std::ranges::count(starts, *request.start) > 0) return base::Ok();
  }
  if (!known) return NoSuchProfile(request, gpus);
  return OperatorError(Code::kInvalid, fmt::format("{} never begins at unit {}", request.profile,
                                                   request.start.value_or(0)));
}

std::optional<GpuPlace> FirstPlace(const PartitionRequest& request, const std::vector<Gpu>& gpus,
                                   const std::vector<bool>& open) {
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const Gpu& gpu = gpus[i];
    const int profile = mig::FindProfile(gpu.model, request.profile);
    if (!open[i] || !IsMeant(request, gpu) || profile < 0) continue;
    std::vector<mig::Instance> there;
    for (const GpuInstance& one : gpu.instances) there.push_back({one.profile, one.start});
    for (const int start : mig::FreeStarts(gpu.model, there, profile)) {
      if (request.start.value_or(start) == start) return GpuPlace{i, profile, start};
    }
  }
  return std::nullopt;
}

std::string TextOf(const PartitionRequest& place) {
  std::string text = place.profile;
  if (place.start) text += fmt::format(" at {}", *place.start);
  return text + " of " + place.device_id.value_or("no GPU");
}

base::Status CheckPlace(const PartitionRequest& place, const std::vector<Gpu>& gpus) {
  if (place.profile == kWholeGpu || !place.device_id || !place.start) {
    return OperatorError(Code::kInvalid, TextOf(place) + " is no place of an instance");
  }
  return CheckRequest(place, gpus);
}

const GpuInstance* InstanceAt(const PartitionRequest& place, const std::vector<Gpu>& gpus) {
  const auto gpu = std::ranges::find(gpus, place.device_id.value_or(""), &Gpu::uuid);
  if (gpu == gpus.end()) return nullptr;
  const int profile = mig::FindProfile(gpu->model, place.profile);
  const auto found = std::ranges::find_if(gpu->instances, [&](const GpuInstance& one) {
    return one.profile == profile && one.start == place.start;
  });
  return found == gpu->instances.end() ? nullptr : &*found;
}

base::Error NoPlace(const PartitionRequest& place, const std::vector<Gpu>& gpus) {
  const auto gpu = std::ranges::find(gpus, place.device_id.value_or(""), &Gpu::uuid);
  std::string there;
  for (const GpuInstance& one : gpu->instances) {
    const auto& profile = gpu->model.profiles[static_cast<std::size_t>(one.profile)];
    there += fmt::format("{}{} at {}", there.empty() ? "" : ", ", profile.name, one.start);
  }
  if (gpu->mig != MigMode::kOn) there = "MIG is off";
  return OperatorError(Code::kExhausted, fmt::format("no room for {}: {}", TextOf(place), there));
}

std::vector<GpuInstance> InTheWay(const Gpu& gpu, const Gpu& without, const GpuPlace& place) {
  std::vector<mig::Instance> kept;
  for (const GpuInstance& one : without.instances) kept.push_back({one.profile, one.start});
  const mig::Instance wanted{place.profile, place.start};
  std::vector<GpuInstance> away;
  for (const GpuInstance& one : gpu.instances) {
    if (std::ranges::find(without.instances, one.id, &GpuInstance::id) != without.instances.end()) {
      continue;
    }
    kept.push_back({one.profile, one.start});
    if (mig::Fits(gpu.model, kept, wanted)) continue;
    kept.pop_back();
    away.push_back(one);
  }
  return away;
}

}  // namespace bulkhead::device
