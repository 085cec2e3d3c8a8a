// SPDX-License-Identifier: Apache-2.0
#include "migparted/import.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "base/check.h"
#include "mig/arrange.h"

namespace bulkhead::migparted {
namespace {

using base::Code;
using base::Result;

base::Error Refusal(Code code, int gpu, const mig::GpuModel& model, std::string_view why) {
  return base::PublicError(code, fmt::format("GPU {} ({}) {}", gpu, model.name, why));
}

bool Matches(const DeviceId& id, const Gpu& gpu) {
  return id.device == gpu.pci_id && (!id.subsystem || id.subsystem == gpu.pci_subsystem);
}

bool SpeaksOf(const Entry& entry, std::span<const Gpu> gpus, std::size_t index) {
  const auto matches = [&](const DeviceId& id) { return Matches(id, gpus[index]); };
  if (!entry.filter.empty() && std::ranges::none_of(entry.filter, matches)) return false;
  return !entry.devices ||
         std::ranges::find(*entry.devices, static_cast<int>(index)) != entry.devices->end();
}

// Drivers round the gigabytes in names differently, which FindProfile forgives; what would be less
// memory by more than a twentieth is another profile: 1g.5gb is not 1g.6gb.
int ProfileFor(const mig::GpuModel& model, const mig::ProfileName& asked) {
  const int profile = mig::FindProfile(model, mig::FormatProfileName(asked));
  if (profile < 0) return profile;
  const auto taken = mig::ParseProfileName(model.profiles[static_cast<std::size_t>(profile)].name);
  BH_CHECK(taken.ok());
  return 20 * taken.value().gigabytes < 19 * asked.gigabytes ? -1 : profile;
}

// A profile of the model for each instance, counts written out.
Result<std::vector<int>> ProfilesOf(const Entry& entry, const mig::GpuModel& model, int gpu,
                                    std::vector<std::string>& notes) {
  std::vector<int> profiles;
  for (const ProfileCount& one : entry.instances) {
    const std::string name = mig::FormatProfileName(one.profile);
    if (one.profile.compute_slices != 0) {
      return Refusal(Code::kUnsupported, gpu, model,
                     fmt::format("cannot hold {}: compute instances of one GPU instance share its "
                                 "memory, and here each has an instance of its own",
                                 name));
    }
    const int profile = ProfileFor(model, one.profile);
    if (profile < 0) return Refusal(Code::kInvalid, gpu, model, "has no profile " + name);
    const std::string& taken = model.profiles[static_cast<std::size_t>(profile)].name;
    if (taken != name && one.count > 0) {
      notes.push_back(fmt::format("GPU {} ({}): {} is taken for {}", gpu, model.name, taken, name));
    }
    profiles.insert(profiles.end(), static_cast<std::size_t>(one.count), profile);
  }
  return profiles;
}

std::string CountsText(const mig::GpuModel& model, std::span<const int> profiles) {
  std::map<int, int> counts;
  for (const int profile : profiles) ++counts[profile];
  std::string text;
  for (const auto& [profile, count] : counts) {
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", count,
                        model.profiles[static_cast<std::size_t>(profile)].name);
  }
  return text;
}

// Profiles stand by size, so taking them from the end names the first that has no place when the
// larger ones have theirs.
std::string WhatDoesNotFit(const mig::GpuModel& model, std::vector<int> profiles) {
  std::ranges::sort(profiles, std::greater());
  std::size_t placed = 0;
  while (mig::Arrange(model, std::span(profiles).first(placed + 1), {})) ++placed;
  const std::string& left = model.profiles[static_cast<std::size_t>(profiles[placed])].name;
  const std::string others = CountsText(model, std::span(profiles).first(placed));
  return fmt::format("cannot hold {}: no {} fits beside {}", CountsText(model, profiles), left,
                     others);
}

Result<GpuLayout> Place(const Entry& entry, const Gpu& gpu, int index,
                        std::vector<std::string>& notes) {
  GpuLayout layout{.gpu = index, .mig_enabled = entry.mig_enabled, .instances = {}};
  if (!entry.mig_enabled) return layout;
  if (!gpu.model->mig()) return Refusal(Code::kUnsupported, index, *gpu.model, "has no MIG");
  BH_ASSIGN(std::vector<int> profiles, ProfilesOf(entry, *gpu.model, index, notes));
  auto instances = mig::Arrange(*gpu.model, profiles, {});
  if (!instances) {
    return Refusal(Code::kConflict, index, *gpu.model,
                   WhatDoesNotFit(*gpu.model, std::move(profiles)));
  }
  layout.instances = *std::move(instances);
  return layout;
}

base::Status CheckIndices(const Config& config, std::size_t gpus) {
  for (const Entry& entry : config.entries) {
    for (const int index : entry.devices.value_or(std::vector<int>{})) {
      if (static_cast<std::size_t>(index) < gpus) continue;
      return base::PublicError(
          Code::kNotFound,
          fmt::format("{} names GPU {}, and there are {} GPUs", config.name, index, gpus));
    }
  }
  return base::Ok();
}

Entry EntryOf(const Gpu& gpu, const GpuLayout& layout) {
  Entry entry;
  entry.devices = {layout.gpu};
  entry.mig_enabled = layout.mig_enabled;
  std::map<int, int> counts;
  for (const mig::Instance& one : layout.instances) ++counts[one.profile];
  for (const auto& [profile, count] : counts) {
    const auto name =
        mig::ParseProfileName(gpu.model->profiles.at(static_cast<std::size_t>(profile)).name);
    BH_CHECK(name.ok());
    entry.instances.push_back({name.value(), count});
  }
  return entry;
}

}  // namespace

Result<Layouts> PlaceConfig(const Config& config, std::span<const Gpu> gpus) {
  BH_TRY(CheckIndices(config, gpus.size()));
  Layouts layouts;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const int index = static_cast<int>(i);
    const Entry* found = nullptr;
    for (const Entry& entry : config.entries) {
      if (!SpeaksOf(entry, gpus, i)) continue;
      if (found != nullptr) {
        return Refusal(Code::kInvalid, index, *gpus[i].model,
                       "stands in two entries of " + config.name);
      }
      found = &entry;
    }
    if (found == nullptr) continue;
    BH_ASSIGN(GpuLayout layout, Place(*found, gpus[i], index, layouts.notes));
    layouts.gpus.push_back(std::move(layout));
  }
  if (layouts.gpus.empty()) {
    return base::PublicError(Code::kNotFound, config.name + " speaks of no GPU that is here");
  }
  return layouts;
}

Result<std::string> ExportConfig(std::string_view name, std::span<const Gpu> gpus,
                                 std::span<const GpuLayout> layouts) {
  Config config{.name = std::string(name), .entries = {}};
  for (const GpuLayout& layout : layouts) {
    BH_CHECK(layout.gpu >= 0 && static_cast<std::size_t>(layout.gpu) < gpus.size());
    Entry entry = EntryOf(gpus[static_cast<std::size_t>(layout.gpu)], layout);
    const auto same = std::ranges::find_if(config.entries, [&](const Entry& other) {
      return other.mig_enabled == entry.mig_enabled && other.instances == entry.instances;
    });
    if (same == config.entries.end()) {
      config.entries.push_back(std::move(entry));
    } else {
      same->devices->push_back(layout.gpu);
    }
  }
  return FormatDocument({.configs = {std::move(config)}});
}

}  // namespace bulkhead::migparted
