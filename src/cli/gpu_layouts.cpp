// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_layouts.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "migparted/import.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;

std::vector<migparted::Gpu> KnownTo(const GpuInventory& inventory) {
  std::vector<migparted::Gpu> gpus;
  for (const device::Gpu& gpu : inventory.gpus) {
    const auto& ids = gpu.model.pci_ids;
    gpus.push_back({&gpu.model, ids.empty() ? 0 : ids.front(), {}});
  }
  return gpus;
}

std::vector<mig::Instance> Present(const device::Gpu& gpu) {
  std::vector<mig::Instance> present;
  for (const device::GpuInstance& one : gpu.instances) present.push_back({one.profile, one.start});
  std::ranges::sort(present);
  return present;
}

base::Result<const migparted::Config*> Named(const migparted::Document& document,
                                             const std::string& name) {
  if (name.empty() && document.configs.size() == 1) return &document.configs.front();
  if (const migparted::Config* found = document.Find(name)) return found;
  std::vector<std::string> names;
  for (const migparted::Config& config : document.configs) names.push_back(config.name);
  return base::PublicError(
      base::Code::kNotFound,
      fmt::format("{}; --config takes one of: {}",
                  name.empty() ? "the file has several configurations" : "no configuration " + name,
                  fmt::join(names, ", ")));
}

LayoutChange ChangeOf(const GpuInventory& inventory, const migparted::GpuLayout& wanted) {
  LayoutChange change{.gpu = static_cast<std::size_t>(wanted.gpu),
                      .mig_enabled = wanted.mig_enabled};
  const std::vector<mig::Instance> present = Present(inventory.gpus[change.gpu]);
  std::ranges::set_intersection(present, wanted.instances, std::back_inserter(change.kept));
  std::ranges::set_difference(present, wanted.instances, std::back_inserter(change.removed));
  std::ranges::set_difference(wanted.instances, present, std::back_inserter(change.added));
  return change;
}

std::string InstanceText(const mig::GpuModel& model, const mig::Instance& instance) {
  return fmt::format("{} at {}", ProfileText(model, instance.profile), instance.start);
}

json InstancesJson(const mig::GpuModel& model, const std::vector<mig::Instance>& instances) {
  json all = json::array();
  for (const mig::Instance& one : instances) {
    all.push_back({{"profile", ProfileText(model, one.profile)}, {"start", one.start}});
  }
  return all;
}

bool ModeDiffers(const device::Gpu& gpu, const LayoutChange& change) {
  return change.mig_enabled != (gpu.mig == device::MigMode::kOn);
}

}  // namespace

base::Result<LayoutImport> ImportLayouts(const GpuInventory& inventory, std::string_view file,
                                         const std::string& name) {
  BH_ASSIGN(const migparted::Document document, migparted::ParseDocument(file));
  BH_ASSIGN(const migparted::Config* config, Named(document, name));
  BH_ASSIGN(migparted::Layouts layouts, migparted::PlaceConfig(*config, KnownTo(inventory)));
  LayoutImport import{.changes = {}, .notes = std::move(layouts.notes)};
  for (const migparted::GpuLayout& wanted : layouts.gpus) {
    import.changes.push_back(ChangeOf(inventory, wanted));
  }
  return import;
}

std::string ImportText(const GpuInventory& inventory, const LayoutImport& import) {
  std::string text;
  for (const LayoutChange& change : import.changes) {
    const device::Gpu& gpu = inventory.gpus[change.gpu];
    std::vector<OwnedInstance> after;
    text += TitleOf(inventory, change.gpu) + '\n';
    if (ModeDiffers(gpu, change)) {
      text +=
          fmt::format("! MIG is to be {}: an administrator changes the mode, Bulkhead does not\n",
                      change.mig_enabled ? "on" : "off");
    }
    for (const mig::Instance& one : change.removed) {
      text += "- " + InstanceText(gpu.model, one) + '\n';
    }
    for (const mig::Instance& one : change.kept) {
      text += "  " + InstanceText(gpu.model, one) + '\n';
      after.push_back({one, "kept"});
    }
    for (const mig::Instance& one : change.added) {
      text += "+ " + InstanceText(gpu.model, one) + '\n';
      after.push_back({one, "new"});
    }
    text += report::DrawGpu(DrawingOf(inventory, change.gpu, after)) + '\n';
  }
  for (const std::string& note : import.notes) text += note + '\n';
  return text;
}

json ImportJson(const GpuInventory& inventory, const LayoutImport& import) {
  json gpus = json::array();
  for (const LayoutChange& change : import.changes) {
    const device::Gpu& gpu = inventory.gpus[change.gpu];
    gpus.push_back({{"gpu", change.gpu},
                    {"uuid", gpu.uuid},
                    {"mig_enabled", change.mig_enabled},
                    {"mode_differs", ModeDiffers(gpu, change)},
                    {"kept", InstancesJson(gpu.model, change.kept)},
                    {"removed", InstancesJson(gpu.model, change.removed)},
                    {"added", InstancesJson(gpu.model, change.added)}});
  }
  return {{"simulated", inventory.simulated}, {"gpus", std::move(gpus)}, {"notes", import.notes}};
}

base::Result<std::string> ExportLayouts(const GpuInventory& inventory, const std::string& name) {
  std::vector<migparted::GpuLayout> layouts;
  for (std::size_t i = 0; i < inventory.gpus.size(); ++i) {
    const device::Gpu& gpu = inventory.gpus[i];
    layouts.push_back({static_cast<int>(i), gpu.mig == device::MigMode::kOn, Present(gpu)});
  }
  return migparted::ExportConfig(name, KnownTo(inventory), layouts);
}

}  // namespace bulkhead::cli
