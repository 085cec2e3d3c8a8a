// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_changes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mig/layout.h"

namespace bulkhead::cli {
namespace {

using base::Code;
using base::OperatorError;
using nlohmann::json;

using Changes = std::map<std::size_t, LayoutChange>;

std::string At(const GpuInventory& inventory, std::size_t gpu, const mig::Instance& instance) {
  return fmt::format("GPU {}: {} at {}", gpu,
                     ProfileText(inventory.gpus[gpu].model, instance.profile), instance.start);
}

// What is there and not given up stays.
LayoutImport ImportOf(const GpuInventory& inventory, Changes changes) {
  LayoutImport import;
  for (auto& [gpu, change] : changes) {
    change.gpu = gpu;
    change.mig_enabled = inventory.gpus[gpu].mig == device::MigMode::kOn;
    for (const device::GpuInstance& one : inventory.gpus[gpu].instances) {
      const mig::Instance instance{one.profile, one.start};
      if (std::ranges::count(change.removed, instance) == 0) change.kept.push_back(instance);
    }
    import.changes.push_back(std::move(change));
  }
  return import;
}

constexpr const char* kWholeNote =
    "a whole GPU needs no instance: a deployment of the profile gpu takes it";

// The GPU and the instance that {"uuid", "profile", "start"} names.
base::Result<std::pair<std::size_t, mig::Instance>> ReadInstance(const GpuInventory& inventory,
                                                                 const std::string& uuid,
                                                                 const json& one) {
  const auto gpu = std::ranges::find(inventory.gpus, uuid, &device::Gpu::uuid);
  if (gpu == inventory.gpus.end()) {
    return OperatorError(Code::kNotFound, "there is no GPU " + uuid + " here");
  }
  const std::string profile = one.value("profile", "");
  const auto start = one.find("start");
  const int index = profile == "gpu" ? planner::kWholeGpu : mig::FindProfile(gpu->model, profile);
  if ((index < 0 && profile != "gpu") || start == one.end() || !start->is_number_unsigned() ||
      start->get<uint64_t>() > 255) {
    return OperatorError(Code::kInvalid, "\"" + profile + "\" is no instance of GPU " + uuid);
  }
  return std::pair(static_cast<std::size_t>(gpu - inventory.gpus.begin()),
                   mig::Instance{index, start->get<int>()});
}

// Reads a list of them into what is added or removed.
base::Status ReadList(const GpuInventory& inventory, const json& object, const char* list,
                      const std::string& uuid, Changes& changes, bool& whole) {
  const auto found = object.find(list);
  if (found == object.end()) return base::Ok();
  if (!found->is_array()) return OperatorError(Code::kInvalid, std::string(list) + " is no list");
  for (const json& one : *found) {
    if (!one.is_object()) return OperatorError(Code::kInvalid, "an instance that is none");
    BH_ASSIGN(const auto read,
              ReadInstance(inventory, uuid.empty() ? one.value("uuid", "") : uuid, one));
    if (read.second.profile == planner::kWholeGpu) {
      whole = true;
      continue;
    }
    LayoutChange& change = changes[read.first];
    (list == std::string_view("added") ? change.added : change.removed).push_back(read.second);
  }
  return base::Ok();
}

void CheckRemoved(const GpuInventory& inventory, const LayoutChange& change,
                  std::vector<std::string>& obstacles) {
  const device::Gpu& gpu = inventory.gpus[change.gpu];
  for (const mig::Instance& one : change.removed) {
    const auto there = std::ranges::find_if(gpu.instances, [&](const device::GpuInstance& each) {
      return each.profile == one.profile && each.start == one.start;
    });
    const std::string text = At(inventory, change.gpu, one);
    if (there == gpu.instances.end()) {
      obstacles.push_back(text + " is not there");
      continue;
    }
    const auto index = static_cast<std::size_t>(there - gpu.instances.begin());
    if (change.gpu >= inventory.owners.size()) {
      obstacles.push_back(text + ": nobody said whose it is");
      continue;
    }
    const SlotOwner& owner = inventory.owners[change.gpu].instances[index];
    if (owner.kind == SlotOwner::Kind::kForeign) {
      obstacles.push_back(text + " was made by others, who give it up");
    } else if (owner.kind == SlotOwner::Kind::kHeld) {
      obstacles.push_back(text + " is in use by " + owner.name);
    }
  }
}

void CheckAdded(const GpuInventory& inventory, const LayoutChange& change,
                std::vector<std::string>& obstacles) {
  const mig::GpuModel& model = inventory.gpus[change.gpu].model;
  std::vector<mig::Instance> there = change.kept;
  for (const mig::Instance& one : change.added) {
    if (!mig::Fits(model, there, one)) {
      std::string beside;
      for (const mig::Instance& other : there) {
        beside += fmt::format("{}{} at {}", beside.empty() ? "" : ", ",
                              ProfileText(model, other.profile), other.start);
      }
      obstacles.push_back(fmt::format("{} does not fit beside {}", At(inventory, change.gpu, one),
                                      beside.empty() ? "nothing: it is no place of it" : beside));
    }
    there.push_back(one);
  }
}

}  // namespace

LayoutImport ImportOf(const GpuInventory& inventory, const GpuPlan& plan) {
  Changes changes;
  bool whole = false;
  for (const PlannedInstance& one : plan.added) {
    if (one.added.instance.profile == planner::kWholeGpu) {
      whole = true;
    } else {
      changes[one.gpu].added.push_back(one.added.instance);
    }
  }
  LayoutImport import = ImportOf(inventory, std::move(changes));
  if (whole) import.notes.emplace_back(kWholeNote);
  return import;
}

base::Result<LayoutImport> ReadPlan(const GpuInventory& inventory, const json& document) {
  Changes changes;
  bool whole = false;
  const auto gpus = document.is_object() ? document.find("gpus") : document.end();
  if (document.is_object() && document.contains("added") && !document.contains("removed")) {
    BH_TRY(ReadList(inventory, document, "added", "", changes, whole));
  } else if (gpus != document.end() && gpus->is_array()) {
    for (const json& gpu : *gpus) {
      const std::string uuid = gpu.is_object() ? gpu.value("uuid", "") : "";
      if (uuid.empty() || gpu.value("mode_differs", false)) {
        return OperatorError(Code::kInvalid, "the plan wants another MIG mode, or names no GPU");
      }
      BH_TRY(ReadList(inventory, gpu, "removed", uuid, changes, whole));
      BH_TRY(ReadList(inventory, gpu, "added", uuid, changes, whole));
    }
  } else {
    return OperatorError(Code::kInvalid,
                         "no plan of instances: `gpu plan --want WHAT --json` and `gpu import "
                         "--json` write one");
  }
  LayoutImport import = ImportOf(inventory, std::move(changes));
  if (whole) import.notes.emplace_back(kWholeNote);
  return import;
}

std::vector<std::string> Obstacles(const GpuInventory& inventory, const LayoutImport& import) {
  std::vector<std::string> obstacles = import.obstacles;
  for (const LayoutChange& change : import.changes) {
    const device::Gpu& gpu = inventory.gpus[change.gpu];
    if (change.mig_enabled != (gpu.mig == device::MigMode::kOn)) {
      obstacles.push_back(fmt::format("GPU {}: MIG is to be {}, and an administrator changes that",
                                      change.gpu, change.mig_enabled ? "on" : "off"));
    } else if (!change.mig_enabled && !change.added.empty()) {
      obstacles.push_back(fmt::format("GPU {} is not cut: MIG is off", change.gpu));
    }
    const bool known = change.gpu < inventory.owners.size();
    if (known && !change.added.empty() && !inventory.owners[change.gpu].fenced.empty()) {
      obstacles.push_back(
          fmt::format("GPU {} is fenced: {}", change.gpu, inventory.owners[change.gpu].fenced));
    }
    CheckRemoved(inventory, change, obstacles);
    CheckAdded(inventory, change, obstacles);
  }
  return obstacles;
}

std::vector<InstanceChange> ChangesOf(const GpuInventory& inventory, const LayoutImport& import) {
  std::vector<InstanceChange> changes;
  for (const LayoutChange& change : import.changes) {
    const device::Gpu& gpu = inventory.gpus[change.gpu];
    for (const mig::Instance& one : change.removed) {
      changes.push_back({false, gpu.uuid, ProfileText(gpu.model, one.profile), one.start});
    }
    for (const mig::Instance& one : change.added) {
      changes.push_back({true, gpu.uuid, ProfileText(gpu.model, one.profile), one.start});
    }
  }
  return changes;
}

std::string ChangeText(const GpuInventory& inventory, const InstanceChange& change) {
  const auto gpu = std::ranges::find(inventory.gpus, change.device_id, &device::Gpu::uuid);
  return fmt::format("{} {} at {} of GPU {}", change.make ? "make" : "remove", change.profile,
                     change.start, gpu - inventory.gpus.begin());
}

}  // namespace bulkhead::cli
