// SPDX-License-Identifier: Apache-2.0
#include "planner/packing.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "planner/packing_bins.h"
#include "planner/packing_bound.h"
#include "planner/packing_exact.h"

namespace bulkhead::planner {
namespace {

// The search visits each deployment once on every path; more of them would only use up its nodes.
constexpr std::size_t kSearchedMax = 64;

// GPUs of the fleet that are alike by now: of one pool, with one pattern.
using Alike = std::map<std::pair<int, int>, std::set<std::size_t>>;

Alike GroupAlike(const PackingBins& bins, const BinPlan& plan) {
  Alike alike;
  for (std::size_t pool = 0; pool < bins.pools.size(); ++pool) {
    for (std::size_t at = 0; at < bins.pools[pool].gpus.size(); ++at) {
      alike[{static_cast<int>(pool), plan.Pattern(static_cast<int>(pool), at)}].insert(at);
    }
  }
  return alike;
}

int FreeUnits(const GpuFleet& fleet, const Pool& pool, int pattern) {
  if (pool.whole) return 0;
  const mig::GpuModel& model = fleet.Model(pool.kind);
  int taken = 0;
  for (std::size_t profile = 0; profile < model.profiles.size(); ++profile) {
    taken += pool.patterns->Counts(pattern)[profile] * model.profiles[profile].units;
  }
  return model.units - taken;
}

// Where one more of the class wastes least: on a GPU in use before an empty one, then where the
// fewest units stay free.
bool PlaceFullest(const GpuFleet& fleet, const PackingBins& bins, int item_class, BinPlan& plan,
                  Alike& alike) {
  using Rank = std::tuple<bool, int, std::size_t, std::pair<int, int>>;
  std::optional<Rank> best;
  const std::vector<Choice>& choices = bins.classes[static_cast<std::size_t>(item_class)].choices;
  for (std::size_t choice = 0; choice < choices.size(); ++choice) {
    for (const auto& [where, gpus] : alike) {
      const int more = plan.Add(where.first, where.second, choices[choice]);
      if (more < 0) continue;
      const Pool& pool = bins.pools[static_cast<std::size_t>(where.first)];
      const bool fresh = where.second == 0 && !pool.in_use;
      const Rank rank = {fresh, FreeUnits(fleet, pool, more), choice, where};
      if (!best || rank < *best) best = rank;
    }
  }
  if (!best) return false;
  const auto& [fresh, free, choice, where] = *best;
  const auto found = alike.find(where);
  const std::size_t at = *found->second.begin();
  plan.Put(item_class, choices[choice], where.first, at);
  found->second.erase(at);
  if (found->second.empty()) alike.erase(found);
  alike[{where.first, plan.Pattern(where.first, at)}].insert(at);
  return true;
}

void FillGreedily(const GpuFleet& fleet, const PackingBins& bins, BinPlan& plan) {
  Alike alike = GroupAlike(bins, plan);
  for (std::size_t at = 0; at < bins.classes.size(); ++at) {
    const int item_class = static_cast<int>(at);
    while (plan.Left(item_class) > 0) {
      if (!PlaceFullest(fleet, bins, item_class, plan, alike)) break;
    }
  }
}

using Slots = std::map<std::pair<int, int>, std::vector<std::pair<int, std::size_t>>>;

// Where the patterns that were rounded down would have their instances: by kind and profile, the
// pool and GPU, in an order such that the last is to be used first.
Slots SlotsOf(const PackingBins& bins, const FractionalPlan& fractions) {
  Slots slots;
  for (std::size_t at = bins.pools.size(); at-- > 0;) {
    const Pool& pool = bins.pools[at];
    std::size_t gpu = 0;
    for (std::size_t pattern = 0; pattern < fractions.patterns[at].size(); ++pattern) {
      for (int times = 0; times < fractions.patterns[at][pattern]; ++times, ++gpu) {
        const std::pair<int, std::size_t> where{static_cast<int>(at), gpu};
        if (pool.whole) {
          slots[{pool.kind, kWholeGpu}].push_back(where);
          continue;
        }
        const std::vector<int>& counts = pool.patterns->Counts(static_cast<int>(pattern));
        for (std::size_t profile = 0; profile < counts.size(); ++profile) {
          auto& list = slots[{pool.kind, static_cast<int>(profile)}];
          list.insert(list.end(), static_cast<std::size_t>(counts[profile]), where);
        }
      }
    }
  }
  for (auto& [choice, list] : slots) std::ranges::reverse(list);
  return slots;
}

BinPlan RoundedPlan(const PackingBins& bins, const FractionalPlan& fractions) {
  BinPlan plan(bins);
  Slots slots = SlotsOf(bins, fractions);
  for (std::size_t item = 0; item < bins.classes.size(); ++item) {
    const std::vector<Choice>& choices = bins.classes[item].choices;
    for (std::size_t at = 0; at < choices.size(); ++at) {
      auto& list = slots[{choices[at].kind, choices[at].profile}];
      for (int left = fractions.taken[item][at]; left > 0 && !list.empty(); --left) {
        plan.Put(static_cast<int>(item), choices[at], list.back().first, list.back().second);
        list.pop_back();
      }
    }
  }
  return plan;
}

bool Better(const BinPlan& one, const BinPlan& other) {
  return std::pair(one.weight(), -one.gpus()) > std::pair(other.weight(), -other.gpus());
}

}  // namespace

Packing PackAll(const GpuFleet& fleet, const std::vector<Wanted>& wanted, int search_max) {
  const PackingBins bins = MakeBins(fleet, wanted);
  const FractionalPlan fractions = PlanFractions(bins);
  BinPlan plan = RoundedPlan(bins, fractions);
  FillGreedily(fleet, bins, plan);
  BinPlan greedy(bins);
  FillGreedily(fleet, bins, greedy);
  if (Better(greedy, plan)) plan = std::move(greedy);
  // Without a bound on GPUs none is used by a plan that accepts nothing.
  const auto reached = [&] {
    return plan.weight() == fractions.weight_bound && plan.gpus() <= fractions.gpus_bound;
  };
  bool optimal = reached();
  if (!optimal && wanted.size() <= kSearchedMax) {
    ExactPlan exact = SearchExactly(bins, plan, search_max);
    if (exact.plan) plan = *std::move(exact.plan);
    optimal = exact.complete || reached();
  }
  Packing packing = plan.Realise(fleet, wanted.size());
  packing.weight_bound = fractions.weight_bound;
  packing.gpus_bound = fractions.gpus_bound;
  packing.optimal = optimal;
  return packing;
}

}  // namespace bulkhead::planner
