// SPDX-License-Identifier: Apache-2.0
#include "planner/packing_exact.h"

#include <map>
#include <utility>

namespace bulkhead::planner {
namespace {

using Worth = std::pair<int64_t, int>;  // weight, minus GPUs: more is better

struct Step {
  int item_class = 0;
  Choice choice;
  int pool = 0;
  int pattern = 0;
};

class Search {
 public:
  Search(const PackingBins& bins, Worth known, int nodes_max)
      : bins_(bins), best_(known), nodes_left_(nodes_max) {
    for (const Pool& pool : bins.pools) bins_of_.push_back({{0, pool.gpus.size()}});
    for (std::size_t at = 0; at < bins.classes.size(); ++at) {
      items_.insert(items_.end(), bins.classes[at].members.size(), static_cast<int>(at));
    }
    rest_.resize(items_.size() + 1);
    for (std::size_t at = items_.size(); at-- > 0;) {
      rest_[at] = rest_[at + 1] + bins.classes[static_cast<std::size_t>(items_[at])].weight;
    }
  }

  void Run() { Visit(0, {0, 0}); }

  [[nodiscard]] bool Complete() const { return nodes_left_ > 0; }
  [[nodiscard]] const std::vector<Step>& Best() const { return best_steps_; }
  [[nodiscard]] bool Improved() const { return improved_; }

 private:
  std::vector<int> Key(std::size_t item) const {
    std::vector<int> key{static_cast<int>(item)};
    for (const auto& counts : bins_of_) {
      key.push_back(-1);
      for (const auto& [pattern, count] : counts) {
        key.push_back(pattern);
        key.push_back(static_cast<int>(count));
      }
    }
    return key;
  }

  void Visit(std::size_t item, Worth worth) {
    if (nodes_left_ == 0 || --nodes_left_ == 0) return;
    if (worth > best_) {
      best_ = worth;
      best_steps_ = steps_;
      improved_ = true;
    }
    if (item == items_.size() || Worth{worth.first + rest_[item], worth.second} <= best_) return;
    const auto [seen, fresh] = seen_.try_emplace(Key(item), worth);
    if (!fresh && seen->second >= worth) return;
    seen->second = worth;
    const int item_class = items_[item];
    for (const Choice& choice : bins_.classes[static_cast<std::size_t>(item_class)].choices) {
      for (std::size_t pool = 0; pool < bins_.pools.size(); ++pool) {
        TryPool(item, choice, static_cast<int>(pool), worth);
      }
    }
    Visit(item + 1, worth);
  }

  void TryPool(std::size_t item, const Choice& choice, int pool_index, Worth worth) {
    const Pool& pool = bins_.pools[static_cast<std::size_t>(pool_index)];
    if (pool.kind != choice.kind || pool.whole != (choice.profile == kWholeGpu)) return;
    auto& counts = bins_of_[static_cast<std::size_t>(pool_index)];
    const std::map<int, std::size_t> before = counts;
    for (const auto& [pattern, count] : before) {
      int more = pattern == 0 ? 1 : -1;
      if (!pool.whole) more = pool.patterns->Add(pattern, choice.profile);
      if (more < 0) continue;
      if (count == 1) {
        counts.erase(pattern);
      } else {
        --counts[pattern];
      }
      ++counts[more];
      const int item_class = items_[item];
      steps_.push_back({item_class, choice, pool_index, pattern});
      const int gpus = pattern == 0 && !pool.in_use ? 1 : 0;
      const int64_t weight = bins_.classes[static_cast<std::size_t>(item_class)].weight;
      Visit(item + 1, {worth.first + weight, worth.second - gpus});
      steps_.pop_back();
      counts = before;
    }
  }

  const PackingBins& bins_;
  Worth best_;
  int nodes_left_;
  bool improved_ = false;
  std::vector<std::map<int, std::size_t>> bins_of_;  // [pool] GPUs by pattern
  std::vector<int> items_;                           // their classes
  std::vector<int64_t> rest_;                        // weight from an item on
  std::vector<Step> steps_;
  std::vector<Step> best_steps_;
  std::map<std::vector<int>, Worth> seen_;
};

BinPlan Replayed(const PackingBins& bins, const std::vector<Step>& steps) {
  BinPlan plan(bins);
  for (const Step& step : steps) {
    std::size_t at = 0;
    while (plan.Pattern(step.pool, at) != step.pattern) ++at;
    plan.Put(step.item_class, step.choice, step.pool, at);
  }
  return plan;
}

}  // namespace

ExactPlan SearchExactly(const PackingBins& bins, const BinPlan& known, int nodes_max) {
  Search search(bins, {known.weight(), -known.gpus()}, nodes_max);
  search.Run();
  ExactPlan found{.plan = std::nullopt, .complete = search.Complete()};
  if (search.Improved()) found.plan = Replayed(bins, search.Best());
  return found;
}

}  // namespace bulkhead::planner
