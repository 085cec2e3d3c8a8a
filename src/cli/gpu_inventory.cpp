// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_inventory.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/home_folder.h"
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

SlotOwner OwnerOf(const device::InstanceHolder& holder) {
  if (!holder.ours) return {SlotOwner::Kind::kForeign, {}};
  if (holder.partition_id.empty()) return {SlotOwner::Kind::kIdle, {}};
  return {SlotOwner::Kind::kHeld, holder.partition_id};
}

GpuWhere WhereOf(const GpuArguments& arguments) {
  GpuWhere where;
  where.simulated = arguments.simulated;
  where.node = arguments.node.empty() ? base::HomeFolder() / "node.sock"
                                      : std::filesystem::path(arguments.node);
  return where;
}

base::Result<OpenedGpus> OpenAt(const GpuArguments& arguments, const GpuWhere& where,
                                const OpenGpus& open) {
  const std::string hint =
      arguments.simulated.empty() ? "; --sim a100x4 plans with simulated GPUs" : "";
  auto opened = open(where);
  if (!opened.ok()) {
    base::Error error = std::move(opened).error();
    error.detail += hint;
    return error;
  }
  if (opened.value().devices.empty()) {
    return base::OperatorError(base::Code::kNotFound, "this machine has no GPU" + hint);
  }
  return opened;
}

GpuInventory InventoryOf(const OpenedGpus& opened, bool simulated) {
  GpuInventory inventory;
  inventory.simulated = simulated;
  inventory.through = opened.through;
  for (const device::Device& device : opened.devices) {
    if (!device.gpu) continue;
    inventory.simulated = inventory.simulated || device.simulated;
    inventory.gpus.push_back(device.gpu->gpu);
    if (!opened.owners_known) continue;
    GpuOwners owners;
    owners.fenced = device.gpu->fenced;
    if (!device.gpu->whole_held_by.empty()) {
      owners.whole = {SlotOwner::Kind::kHeld, device.gpu->whole_held_by};
    }
    for (const device::InstanceHolder& holder : device.gpu->holders) {
      owners.instances.push_back(OwnerOf(holder));
    }
    inventory.owners.push_back(std::move(owners));
  }
  return inventory;
}

}  // namespace

base::Result<GpuInventory> ReadInventoryOf(const GpuArguments& arguments, const OpenGpus& open) {
  BH_ASSIGN(const OpenedGpus opened, OpenAt(arguments, WhereOf(arguments), open));
  return InventoryOf(opened, !arguments.simulated.empty());
}

base::Result<ChangeableGpus> OpenChangeable(const GpuArguments& arguments, const std::string& state,
                                            const OpenGpus& open) {
  GpuWhere where = WhereOf(arguments);
  where.purpose = GpuPurpose::kChange;
  where.state = state.empty() ? base::HomeFolder() / "node" : std::filesystem::path(state);
  BH_ASSIGN(OpenedGpus opened, OpenAt(arguments, where, open));
  GpuInventory inventory = InventoryOf(opened, !arguments.simulated.empty());
  return ChangeableGpus{std::move(inventory), std::move(opened.change)};
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

std::string OwnerText(const GpuInventory& inventory, std::size_t gpu, std::size_t instance) {
  if (gpu >= inventory.owners.size()) return {};
  const SlotOwner& owner = inventory.owners[gpu].instances[instance];
  if (owner.kind == SlotOwner::Kind::kHeld) return owner.name;
  return owner.kind == SlotOwner::Kind::kIdle ? "idle" : "foreign";
}

std::vector<OwnedInstance> PresentInstances(const GpuInventory& inventory, std::size_t gpu) {
  std::vector<OwnedInstance> present;
  for (const mig::Instance& instance : Instances(inventory.gpus[gpu])) {
    present.push_back({instance, OwnerText(inventory, gpu, present.size())});
  }
  if (gpu < inventory.owners.size()) {
    const SlotOwner& whole = inventory.owners[gpu].whole;
    if (whole.kind == SlotOwner::Kind::kHeld) {
      present.push_back({{planner::kWholeGpu, 0}, whole.name});
    }
  }
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
  std::string title = TitleOf(inventory, gpu);
  if (gpu < inventory.owners.size() && !inventory.owners[gpu].fenced.empty()) title += "  fenced";
  report::DrawnGpu drawn{std::move(title), cut ? model.units : 0, inventory.simulated, {}};
  for (const OwnedInstance& one : instances) {
    const int profile = one.instance.profile;
    const int units = profile == planner::kWholeGpu
                          ? drawn.units
                          : model.profiles[static_cast<std::size_t>(profile)].units;
    drawn.instances.push_back({one.instance.start, units, ProfileText(model, profile), one.owner});
  }
  return drawn;
}

// {"kind": "held", "name": "plant/line-3"}, "idle" or "foreign"; null where nobody said.
json OwnerJson(const GpuInventory& inventory, std::size_t gpu, std::size_t instance) {
  if (gpu >= inventory.owners.size()) return nullptr;
  const SlotOwner& owner = inventory.owners[gpu].instances[instance];
  if (owner.kind == SlotOwner::Kind::kHeld) return {{"kind", "held"}, {"name", owner.name}};
  return {{"kind", owner.kind == SlotOwner::Kind::kIdle ? "idle" : "foreign"}};
}

json GpuJson(const GpuInventory& inventory, std::size_t gpu) {
  const device::Gpu& one = inventory.gpus[gpu];
  const std::vector<mig::Instance> present = Instances(one);
  json instances = json::array();
  for (const device::GpuInstance& instance : one.instances) {
    instances.push_back({{"id", instance.id},
                         {"profile", ProfileText(one.model, instance.profile)},
                         {"start", instance.start},
                         {"owner", OwnerJson(inventory, gpu, instances.size())}});
  }
  json room = json::object();
  for (std::size_t p = 0; one.mig == device::MigMode::kOn && p < one.model.profiles.size(); ++p) {
    room[one.model.profiles[p].name] = mig::FreeStarts(one.model, present, static_cast<int>(p));
  }
  const bool known = gpu < inventory.owners.size();
  const bool held = known && inventory.owners[gpu].whole.kind == SlotOwner::Kind::kHeld;
  const std::string fenced = known ? inventory.owners[gpu].fenced : "";
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
          {"held_by", held ? json(inventory.owners[gpu].whole.name) : json(nullptr)},
          {"fenced", fenced.empty() ? json(nullptr) : json(fenced)},
          {"free_starts", std::move(room)}};
}

}  // namespace bulkhead::cli
