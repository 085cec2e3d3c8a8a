// SPDX-License-Identifier: Apache-2.0
#include "mig/layout.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace bulkhead::mig {
namespace {

const Profile& ProfileOf(const GpuModel& model, int profile) {
  BH_CHECK(profile >= 0 && static_cast<std::size_t>(profile) < model.profiles.size());
  return model.profiles[static_cast<std::size_t>(profile)];
}

uint32_t UnitsOf(const Profile& profile, int start) {
  return ((uint32_t{1} << profile.units) - 1) << start;
}

bool MediaFits(const Occupancy& taken, const Profile& one) {
  const bool more = one.media == Media::kAdded || one.media == Media::kAll;
  if (more && taken.added) return false;
  if (taken.all && one.media != Media::kNone) return false;
  return one.media != Media::kAll || !taken.ordinary;
}

using Instances = std::vector<Instance>;

class Counter {
 public:
  Counter(const GpuModel& model, std::span<const int> profiles)
      : model_(model), profiles_(profiles) {}

  LayoutCount Count() {
    Extend({}, {});
    return {layouts_, maximal_, multisets_.size(), maximal_multisets_.size()};
  }

 private:
  // Every layout once: each is reached by adding its instances in ascending order.
  void Extend(const Instances& layout, const Instance& last) {
    if (!layout.empty()) Record(layout);
    for (const int profile : profiles_) {
      for (const int start : FreeStarts(model_, layout, profile)) {
        const Instance one{profile, start};
        if (!layout.empty() && one < last) continue;
        Instances larger = layout;
        larger.push_back(one);
        Extend(larger, one);
      }
    }
  }

  void Record(const Instances& layout) {
    std::vector<int> multiset;
    for (const Instance& one : layout) multiset.push_back(one.profile);
    std::ranges::sort(multiset);
    ++layouts_;
    multisets_.insert(multiset);
    const bool more = std::ranges::any_of(
        profiles_, [&](int profile) { return !FreeStarts(model_, layout, profile).empty(); });
    if (more) return;
    ++maximal_;
    maximal_multisets_.insert(multiset);
  }

  const GpuModel& model_;
  std::span<const int> profiles_;
  std::size_t layouts_ = 0;
  std::size_t maximal_ = 0;
  std::set<std::vector<int>> multisets_;
  std::set<std::vector<int>> maximal_multisets_;
};

}  // namespace

Occupancy OccupancyOf(const GpuModel& model, std::span<const Instance> instances) {
  Occupancy taken;
  for (const Instance& one : instances) {
    const Profile& profile = ProfileOf(model, one.profile);
    taken.units |= UnitsOf(profile, one.start);
    taken.all |= profile.media == Media::kAll;
    taken.added |= profile.media == Media::kAll || profile.media == Media::kAdded;
    taken.ordinary |= profile.media != Media::kNone;
  }
  return taken;
}

bool Fits(const GpuModel& model, std::span<const Instance> instances, const Instance& one) {
  const Profile& profile = ProfileOf(model, one.profile);
  if (!std::ranges::binary_search(profile.starts, one.start)) return false;
  const Occupancy taken = OccupancyOf(model, instances);
  if ((taken.units & UnitsOf(profile, one.start)) != 0 || !MediaFits(taken, profile)) return false;
  return std::ranges::count(instances, one.profile, &Instance::profile) < profile.count_max;
}

std::vector<int> FreeStarts(const GpuModel& model, std::span<const Instance> instances,
                            int profile) {
  std::vector<int> starts;
  for (const int start : ProfileOf(model, profile).starts) {
    if (Fits(model, instances, {profile, start})) starts.push_back(start);
  }
  return starts;
}

bool IsLegal(const GpuModel& model, std::span<const Instance> instances) {
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (!Fits(model, instances.first(i), instances[i])) return false;
  }
  return true;
}

LayoutCount CountLayouts(const GpuModel& model, std::span<const int> profiles) {
  return Counter(model, profiles).Count();
}

}  // namespace bulkhead::mig
