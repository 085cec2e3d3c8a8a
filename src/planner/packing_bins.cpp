// SPDX-License-Identifier: Apache-2.0
#include "planner/packing_bins.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

constexpr int kWholeUnits = 240;

bool Allowed(const GpuFleet& fleet, const Choice& choice, Separation separation) {
  if (choice.kind < 0 || choice.kind >= fleet.kinds()) return false;
  if (choice.profile == kWholeGpu) return true;
  const auto profiles = static_cast<int>(fleet.Model(choice.kind).profiles.size());
  return choice.profile >= 0 && choice.profile < profiles && separation == Separation::kInstance;
}

int UnitsOf(const GpuFleet& fleet, const Choice& choice) {
  if (choice.profile == kWholeGpu) return kWholeUnits;
  const mig::GpuModel& model = fleet.Model(choice.kind);
  return kWholeUnits * model.profiles[static_cast<std::size_t>(choice.profile)].units / model.units;
}

std::vector<Pool> MakePools(const GpuFleet& fleet) {
  std::vector<Pool> pools;
  for (int kind = 0; kind < fleet.kinds(); ++kind) {
    for (const auto& [state, gpus] : fleet.Cut(kind)) {
      pools.push_back({.kind = kind,
                       .whole = false,
                       .in_use = state != 0,
                       .gpus = {gpus.begin(), gpus.end()},
                       .patterns = std::make_shared<const PatternGraph>(fleet.Graph(kind), state)});
    }
    const std::set<int>& whole = fleet.FreeWhole(kind);
    if (whole.empty()) continue;
    pools.push_back({.kind = kind,
                     .whole = true,
                     .in_use = false,
                     .gpus = {whole.begin(), whole.end()},
                     .patterns = nullptr});
  }
  return pools;
}

std::vector<Class> MakeClasses(const GpuFleet& fleet, const std::vector<Wanted>& wanted) {
  std::map<std::pair<std::vector<std::pair<int, int>>, int64_t>, Class> classes;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    std::vector<std::pair<int, int>> key;
    Class one;
    for (const Choice& choice : wanted[at].request.choices) {
      if (!Allowed(fleet, choice, wanted[at].request.separation)) continue;
      if (std::ranges::find(one.choices, choice) != one.choices.end()) continue;
      one.choices.push_back(choice);
      one.units = std::max(one.units, UnitsOf(fleet, choice));
      key.emplace_back(choice.kind, choice.profile);
    }
    if (key.empty()) continue;
    one.weight = std::clamp<int64_t>(wanted[at].weight, 1, kWeightMax);
    const auto found = classes.try_emplace({key, one.weight}, one).first;
    found->second.members.push_back(static_cast<int>(at));
  }
  std::vector<Class> sorted;
  for (auto& [key, one] : classes) sorted.push_back(std::move(one));
  std::ranges::stable_sort(sorted, [](const Class& one, const Class& other) {
    return std::tuple(-one.units, -one.weight, one.choices.size()) <
           std::tuple(-other.units, -other.weight, other.choices.size());
  });
  return sorted;
}

}  // namespace

PackingBins MakeBins(const GpuFleet& fleet, const std::vector<Wanted>& wanted) {
  return {.pools = MakePools(fleet), .classes = MakeClasses(fleet, wanted)};
}

BinPlan::BinPlan(const PackingBins& bins) : bins_(&bins) {
  for (const Pool& pool : bins.pools) filled_.emplace_back(pool.gpus.size());
  for (const Class& one : bins.classes) left_.push_back(static_cast<int>(one.members.size()));
}

int BinPlan::Add(int pool, int pattern, const Choice& choice) const {
  const Pool& one = bins_->pools[static_cast<std::size_t>(pool)];
  if (one.kind != choice.kind || one.whole != (choice.profile == kWholeGpu)) return -1;
  if (one.whole) return pattern == 0 ? 1 : -1;
  return one.patterns->Add(pattern, choice.profile);
}

int BinPlan::Pattern(int pool, std::size_t at) const {
  return filled_[static_cast<std::size_t>(pool)][at].pattern;
}

void BinPlan::Put(int item_class, const Choice& choice, int pool, std::size_t at) {
  Bin& bin = filled_[static_cast<std::size_t>(pool)][at];
  const int more = Add(pool, bin.pattern, choice);
  int& left = left_[static_cast<std::size_t>(item_class)];
  BH_CHECK(more >= 0 && left > 0);
  if (bin.put.empty() && !bins_->pools[static_cast<std::size_t>(pool)].in_use) ++gpus_;
  bin.pattern = more;
  bin.put.push_back({item_class, choice});
  --left;
  weight_ += bins_->classes[static_cast<std::size_t>(item_class)].weight;
}

int BinPlan::Left(int item_class) const { return left_[static_cast<std::size_t>(item_class)]; }

Packing BinPlan::Realise(const GpuFleet& fleet, std::size_t deployments) const {
  Packing packing;
  packing.spots.resize(deployments);
  packing.weight = weight_;
  packing.gpus = gpus_;
  std::vector<std::size_t> next(bins_->classes.size());
  for (std::size_t at = 0; at < filled_.size(); ++at) {
    const Pool& pool = bins_->pools[at];
    for (std::size_t gpu = 0; gpu < filled_[at].size(); ++gpu) {
      const Bin& bin = filled_[at][gpu];
      std::vector<mig::Instance> fixed;
      for (const Held& held : fleet.Gpu(pool.gpus[gpu]).held) fixed.push_back(held.instance);
      std::vector<mig::Instance> layout;
      if (!pool.whole && !bin.put.empty()) layout = pool.patterns->Layout(bin.pattern, fixed);
      for (const Item& put : bin.put) {
        mig::Instance instance{kWholeGpu, 0};
        if (!pool.whole) {
          const auto found = std::ranges::find(layout, put.choice.profile, &mig::Instance::profile);
          BH_CHECK(found != layout.end());
          instance = *found;
          layout.erase(found);
        }
        const auto item = static_cast<std::size_t>(put.item_class);
        const int member = bins_->classes[item].members[next[item]++];
        packing.spots[static_cast<std::size_t>(member)] = Spot{pool.gpus[gpu], instance};
      }
    }
  }
  return packing;
}

}  // namespace bulkhead::planner
