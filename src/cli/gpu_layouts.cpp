// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_layouts.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "mig/arrange.h"
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

// Whether it is somebody's: it stays where it is.
bool Stays(const GpuInventory& inventory, std::size_t gpu, std::size_t instance) {
  if (gpu >= inventory.owners.size()) return false;
  return inventory.owners[gpu].instances[instance].kind != SlotOwner::Kind::kIdle;
}

// Takes one of that profile out of what is still wanted; false: there is none.
bool TakeWanted(std::vector<int>& wanted, int profile) {
  const auto found = std::ranges::find(wanted, profile);
  if (found == wanted.end()) return false;
  wanted.erase(found);
  return true;
}

// The wanted profiles at places that leave what is there where it is, as far as that is possible.
std::vector<mig::Instance> LayoutBeside(const GpuInventory& inventory, std::size_t gpu,
                                        const std::vector<mig::Instance>& wanted,
                                        std::vector<std::string>& obstacles) {
  const device::Gpu& one = inventory.gpus[gpu];
  std::vector<int> missing;
  for (const mig::Instance& instance : wanted) missing.push_back(instance.profile);
  std::vector<mig::Instance> fixed;
  std::vector<mig::Instance> idle;
  for (std::size_t i = 0; i < one.instances.size(); ++i) {
    const mig::Instance there{one.instances[i].profile, one.instances[i].start};
    if (!Stays(inventory, gpu, i)) {
      idle.push_back(there);
      continue;
    }
    fixed.push_back(there);
    if (!TakeWanted(missing, there.profile)) {
      obstacles.push_back(fmt::format("GPU {}: {} at {} ({}) is not in the configuration and stays",
                                      gpu, ProfileText(one.model, there.profile), there.start,
                                      OwnerText(inventory, gpu, i)));
    }
  }
  std::erase_if(idle,
                [&](const mig::Instance& there) { return !TakeWanted(missing, there.profile); });
  for (;; idle.pop_back()) {
    std::vector<mig::Instance> layout = fixed;
    layout.insert(layout.end(), idle.begin(), idle.end());
    if (auto rest = mig::Arrange(one.model, missing, layout)) {
      layout.insert(layout.end(), rest->begin(), rest->end());
      std::ranges::sort(layout);
      return layout;
    }
    if (idle.empty()) break;
    missing.push_back(idle.back().profile);
  }
  obstacles.push_back(fmt::format("GPU {}: the configuration does not fit beside what stays", gpu));
  return wanted;
}

LayoutChange ChangeOf(const GpuInventory& inventory, const migparted::GpuLayout& wanted,
                      std::vector<std::string>& obstacles) {
  LayoutChange change{.gpu = static_cast<std::size_t>(wanted.gpu),
                      .mig_enabled = wanted.mig_enabled};
  const std::vector<mig::Instance> present = Present(inventory.gpus[change.gpu]);
  const std::vector<mig::Instance> layout =
      LayoutBeside(inventory, change.gpu, wanted.instances, obstacles);
  std::ranges::set_intersection(present, layout, std::back_inserter(change.kept));
  std::ranges::set_difference(present, layout, std::back_inserter(change.removed));
  std::ranges::set_difference(layout, present, std::back_inserter(change.added));
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
    import.changes.push_back(ChangeOf(inventory, wanted, import.obstacles));
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
  for (const std::string& obstacle : import.obstacles) text += "! " + obstacle + '\n';
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
  return {{"simulated", inventory.simulated},
          {"gpus", std::move(gpus)},
          {"notes", import.notes},
          {"obstacles", import.obstacles}};
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
