// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "planner/defragment.h"

namespace bulkhead::planner {

// Does what steps say, as devices and gateways would: a step that cannot be done, or that would
// leave a deployment without a serving instance, is refused and changes nothing.
class StepRunner {
 public:
  // What the fleet holds serves.
  explicit StepRunner(const GpuFleet& fleet) : fleet_(fleet) {
    for (int gpu = 0; gpu < fleet.size(); ++gpu) {
      for (const Held& held : fleet.Gpu(gpu).held) {
        if (held.owner != kForeign) found_.push_back({{gpu, held.instance}, held.owner});
      }
    }
  }

  bool Run(const Step& step) {
    switch (step.kind) {
      case StepKind::kStart:
        if (!fleet_.Gpu(step.spot.gpu).usable) return false;
        if (!fleet_.Hold(step.spot.gpu, {step.spot.instance, step.owner})) return false;
        found_.push_back({step.spot, step.owner, Role::kStarting});
        return true;
      case StepKind::kSwitch: {
        Found* old_one = Find(*step.old_spot, step.owner);
        Found* new_one = Find(step.spot, step.owner);
        if (old_one == nullptr || new_one == nullptr || old_one->role != Role::kServing) {
          return false;
        }
        old_one->role = Role::kLeaving;
        new_one->role = Role::kServing;
        return true;
      }
      case StepKind::kDrain: {
        const Found* one = Find(step.spot, step.owner);
        return one != nullptr && one->role == Role::kLeaving;
      }
      case StepKind::kDestroy: {
        const Found* one = Find(step.spot, step.owner);
        if (one == nullptr || one->role == Role::kServing) return false;
        if (!fleet_.Release(step.spot.gpu, step.spot.instance)) return false;
        found_.erase(found_.begin() + (one - found_.data()));
        return true;
      }
    }
    return false;
  }

  // The wanted deployment has no instance to be switched from: it serves once it has started.
  void ServeWhatStartedAlone() {
    for (Found& one : found_) {
      if (one.role == Role::kStarting && Instances(one.owner) == 1) one.role = Role::kServing;
    }
  }

  [[nodiscard]] const GpuFleet& fleet() const { return fleet_; }
  [[nodiscard]] const std::vector<Found>& found() const { return found_; }
  [[nodiscard]] std::set<int64_t> Serving() const {
    std::set<int64_t> owners;
    for (const Found& one : found_) {
      if (one.role == Role::kServing) owners.insert(one.owner);
    }
    return owners;
  }
  // Deployments with two instances: moves that are under way.
  [[nodiscard]] int UnderWay() const {
    std::map<int64_t, int> instances;
    for (const Found& one : found_) ++instances[one.owner];
    return static_cast<int>(
        std::ranges::count_if(instances, [](const auto& one) { return one.second > 1; }));
  }

 private:
  Found* Find(const Spot& spot, int64_t owner) {
    const auto at = std::ranges::find_if(
        found_, [&](const Found& one) { return one.spot == spot && one.owner == owner; });
    return at == found_.end() ? nullptr : &*at;
  }
  [[nodiscard]] std::ptrdiff_t Instances(int64_t owner) const {
    return std::ranges::count(found_, owner, &Found::owner);
  }

  GpuFleet fleet_;
  std::vector<Found> found_;
};

}  // namespace bulkhead::planner
