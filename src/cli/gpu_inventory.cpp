// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_inventory.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mig/layout.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

const char* ModeText(device::MigMode mode) {
  switch (mode) {
    case device::MigMode::kAbsent:
      return "absent";
    case device::MigMode::kOff:
      return "off";
    case device::MigMode::kOn:
      return "on";
  }
  return "";
}

bool Alike(const mig::GpuModel& one, const mig::GpuModel& other) {
  return one.name == other.name && one.units == other.units && one.profiles == other.profiles;
}

std::vector<mig::Instance> Instances(const device::Gpu& gpu) {
  std::vector<mig::Instance> instances;
  for (const device::GpuInstance& one : gpu.instances)
    instances.push_back({one.profile, one.start});
  return instances;
}

}  // namespace

base::Result<GpuInventory> ReadInventoryOf(const GpuArguments& arguments, const ReadGpus& read) {
  GpuInventory inventory;
  inventory.simulated = !arguments.simulated.empty();
  constexpr const char* kHint = "; --sim a100x4 plans with simulated GPUs";
  auto gpus = read(inventory.simulated ? "sim:" + arguments.simulated : "nvml:");
  if (!gpus.ok()) {
    base::Error error = std::move(gpus).error();
    if (!inventory.simulated) error.detail += kHint;
    return error;
  }
  inventory.gpus = std::move(gpus).value();
  if (inventory.gpus.empty()) {
    return base::OperatorError(base::Code::kNotFound,
                               std::string("this machine has no GPU") + kHint);
  }
  return inventory;
}

planner::GpuFleet FleetOf(const GpuInventory& inventory) {
  std::vector<const mig::GpuModel*> models;
  std::vector<int> kinds;
  for (const device::Gpu& gpu : inventory.gpus) {
    const auto known = std::ranges::find_if(
        models, [&gpu](const mig::GpuModel* model) { return Alike(*model, gpu.model); });
    kinds.push_back(static_cast<int>(known - models.begin()));
    if (known == models.end()) models.push_back(&gpu.model);
  }
  planner::GpuFleet fleet(models);
  for (std::size_t i = 0; i < inventory.gpus.size(); ++i) {
    const device::Gpu& gpu = inventory.gpus[i];
    const bool cut = gpu.mig == device::MigMode::kOn;
    const int index = fleet.Add(kinds[i], cut ? planner::GpuMode::kCut : planner::GpuMode::kWhole);
    for (const mig::Instance& instance : Instances(gpu)) fleet.Hold(index, {instance});
  }
  return fleet;
}

std::vector<OwnedInstance> PresentInstances(const device::Gpu& gpu) {
  std::vector<OwnedInstance> present;
  for (const mig::Instance& instance : Instances(gpu)) present.push_back({instance, {}});
  return present;
}

std::string ProfileText(const mig::GpuModel& model, int profile) {
  return profile == planner::kWholeGpu ? "gpu"
                                       : model.profiles[static_cast<std::size_t>(profile)].name;
}

std::string TitleOf(const GpuInventory& inventory, std::size_t gpu) {
  return fmt::format("GPU {}  {}", gpu, inventory.gpus[gpu].model.name);
}

report::DrawnGpu DrawingOf(const GpuInventory& inventory, std::size_t gpu,
                           const std::vector<OwnedInstance>& instances) {
  const mig::GpuModel& model = inventory.gpus[gpu].model;
  const bool cut = inventory.gpus[gpu].mig == device::MigMode::kOn;
  report::DrawnGpu drawn{TitleOf(inventory, gpu), cut ? model.units : 0, inventory.simulated, {}};
  for (const OwnedInstance& one : instances) {
    const int profile = one.instance.profile;
    const int units = profile == planner::kWholeGpu
                          ? drawn.units
                          : model.profiles[static_cast<std::size_t>(profile)].units;
    drawn.instances.push_back({one.instance.start, units, ProfileText(model, profile), one.owner});
  }
  return drawn;
}

json GpuJson(const GpuInventory& inventory, std::size_t gpu) {
  const device::Gpu& one = inventory.gpus[gpu];
  const std::vector<mig::Instance> present = Instances(one);
  json instances = json::array();
  for (const device::GpuInstance& instance : one.instances) {
    instances.push_back({{"id", instance.id},
                         {"profile", ProfileText(one.model, instance.profile)},
                         {"start", instance.start}});
  }
  json room = json::object();
  for (std::size_t p = 0; one.mig == device::MigMode::kOn && p < one.model.profiles.size(); ++p) {
    room[one.model.profiles[p].name] = mig::FreeStarts(one.model, present, static_cast<int>(p));
  }
  return {{"gpu", gpu},
          {"uuid", one.uuid},
          {"model", one.model.name},
          {"product", one.model.product},
          {"simulated", inventory.simulated},
          {"driver_version", one.driver_version},
          {"mig", ModeText(one.mig)},
          {"units", one.model.units},
          {"memory_mib", one.model.memory_mib},
          {"instances", std::move(instances)},
          {"free_starts", std::move(room)}};
}

}  // namespace bulkhead::cli
