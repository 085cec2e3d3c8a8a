// SPDX-License-Identifier: Apache-2.0
#include "node/gpu_placement.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/gpu_choice.h"
#include "planner/placement.h"

namespace bulkhead::node {
namespace {

using device::Device;
using device::GpuDevice;

// The GPUs of a machine, by kind.
struct KnownGpus {
  std::vector<const Device*> gpus;
  std::vector<const mig::GpuModel*> models;
  std::vector<int> kinds;  // of gpus
};

KnownGpus KindsOf(const std::vector<Device>& devices) {
  KnownGpus known;
  for (const Device& device : devices) {
    if (!device.gpu) continue;
    const mig::GpuModel& model = device.gpu->gpu.model;
    // Of one name, drivers may still report different profiles, and an instance counts in its own.
    const auto found = std::ranges::find_if(known.models, [&model](const mig::GpuModel* one) {
      return one->name == model.name && one->units == model.units &&
             one->profiles == model.profiles;
    });
    known.kinds.push_back(static_cast<int>(found - known.models.begin()));
    if (found == known.models.end()) known.models.push_back(&model);
    known.gpus.push_back(&device);
  }
  return known;
}

void AddTo(planner::GpuFleet& fleet, int kind, const GpuDevice& device) {
  const bool cut = device.gpu.mig == device::MigMode::kOn;
  const int index = fleet.Add(kind, cut ? planner::GpuMode::kCut : planner::GpuMode::kWhole);
  for (std::size_t i = 0; i < device.gpu.instances.size(); ++i) {
    const device::InstanceHolder& holder = device.holders[i];
    if (holder.ours && holder.partition_id.empty()) continue;
    const device::GpuInstance& instance = device.gpu.instances[i];
    fleet.Hold(index, {{instance.profile, instance.start}});
  }
  if (!device.whole_held_by.empty()) fleet.Hold(index, {{planner::kWholeGpu, 0}});
  // Whole, it must take one process at a time, which an administrator says.
  if (!device.fenced.empty() || (!cut && !device.gpu.exclusive)) fleet.SetUsable(index, false);
}

planner::GpuFleet FleetOf(const KnownGpus& known) {
  planner::GpuFleet fleet(known.models);
  for (std::size_t i = 0; i < known.gpus.size(); ++i) {
    AddTo(fleet, known.kinds[i], *known.gpus[i]->gpu);
  }
  return fleet;
}

planner::Request RequestOf(const KnownGpus& known, const std::string& profile) {
  planner::Request request;
  for (std::size_t kind = 0; kind < known.models.size(); ++kind) {
    const int index = profile == device::kWholeGpu ? planner::kWholeGpu
                                                   : mig::FindProfile(*known.models[kind], profile);
    if (index >= 0 || profile == device::kWholeGpu) {
      request.choices.push_back({static_cast<int>(kind), index});
    }
  }
  return request;
}

// An instance of the profile that is ours and that nobody holds; nullptr: none.
const device::GpuInstance* FindIdle(const GpuDevice& device, const std::string& profile) {
  const int index = mig::FindProfile(device.gpu.model, profile);
  for (std::size_t i = 0; i < device.gpu.instances.size() && device.fenced.empty(); ++i) {
    const device::InstanceHolder& holder = device.holders[i];
    const device::GpuInstance& instance = device.gpu.instances[i];
    const bool idle = holder.ours && holder.partition_id.empty() && instance.compute.size() == 1;
    if (idle && index >= 0 && instance.profile == index) return &instance;
  }
  return nullptr;
}

}  // namespace

base::Result<device::PartitionRequest> GpuPlacement::Place(const std::vector<Device>& devices,
                                                           device::PartitionRequest request) {
  if (request.device_id || request.start) return request;
  const KnownGpus known = KindsOf(devices);
  const planner::Request wanted = RequestOf(known, request.profile);
  if (wanted.choices.empty()) return request;
  for (const planner::Choice& choice : wanted.choices) {
    const mig::GpuModel& model = *known.models[static_cast<std::size_t>(choice.kind)];
    uint32_t& asked = asked_[{model.name, request.profile}];
    asked = std::min(asked + 1, planner::kDemandMax / 2);
  }
  for (const Device* gpu : known.gpus) {
    const device::GpuInstance* idle = FindIdle(*gpu->gpu, request.profile);
    if (idle == nullptr) continue;
    request.device_id = gpu->id;
    request.start = idle->start;
    return request;
  }
  const planner::GpuFleet fleet = FleetOf(known);
  planner::Demand demand = planner::EvenDemand(fleet);
  for (std::size_t kind = 0; kind < known.models.size(); ++kind) {
    const mig::GpuModel& model = *known.models[kind];
    for (std::size_t profile = 0; profile < model.profiles.size(); ++profile) {
      const auto asked = asked_.find({model.name, model.profiles[profile].name});
      if (asked != asked_.end()) demand[kind][profile] += asked->second;
    }
  }
  const planner::Placement placement = planner::PlaceOne(fleet, demand, wanted);
  if (!placement.spot) {
    return base::OperatorError(
        base::Code::kExhausted,
        fmt::format("no room for {}: {}", request.profile, fmt::join(placement.reasons, "; ")));
  }
  request.device_id = known.gpus[static_cast<std::size_t>(placement.spot->gpu)]->id;
  if (placement.spot->instance.profile != planner::kWholeGpu) {
    request.start = placement.spot->instance.start;
  }
  return request;
}

}  // namespace bulkhead::node
