// SPDX-License-Identifier: Apache-2.0
#include "planner/pattern_graph.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/check.h"

namespace bulkhead::planner {
namespace {

// Extends `layout` by the profiles in `rest`; false when there is no way.
bool Extend(const mig::GpuModel& model, std::vector<mig::Instance>& layout,
            std::span<const int> rest) {
  if (rest.empty()) return true;
  for (const int start : mig::FreeStarts(model, layout, rest.front())) {
    layout.push_back({rest.front(), start});
    if (Extend(model, layout, rest.subspan(1))) return true;
    layout.pop_back();
  }
  return false;
}

std::vector<int> With(std::vector<int> counts, int profile) {
  ++counts[static_cast<std::size_t>(profile)];
  return counts;
}

}  // namespace

PatternGraph::PatternGraph(const OccupancyGraph& graph, int state) : model_(&graph.model()) {
  const auto profiles = static_cast<int>(model_->profiles.size());
  std::map<std::vector<int>, int> numbers;
  // Of each pattern, all states that layouts of it can have.
  std::vector<std::set<int>> states;
  const auto number = [&](std::vector<int> counts) {
    const auto [found, fresh] = numbers.try_emplace(counts, size());
    if (fresh) {
      counts_.push_back(std::move(counts));
      next_.emplace_back(static_cast<std::size_t>(profiles), -1);
      states.emplace_back();
    }
    return found->second;
  };
  states[static_cast<std::size_t>(number(std::vector<int>(static_cast<std::size_t>(profiles))))] = {
      state};
  // In order of how many instances there are, so that a pattern's states are complete when it is
  // looked at.
  for (std::size_t at = 0; at < counts_.size(); ++at) {
    for (int profile = 0; profile < profiles; ++profile) {
      std::set<int> reached;
      for (const int from : states[at]) {
        for (const Placing& placing : graph.Placings(from, profile)) reached.insert(placing.to);
      }
      if (reached.empty()) continue;
      const int to = number(With(counts_[at], profile));
      next_[at][static_cast<std::size_t>(profile)] = to;
      states[static_cast<std::size_t>(to)].merge(reached);
    }
  }
}

const std::vector<int>& PatternGraph::Counts(int pattern) const {
  BH_CHECK(pattern >= 0 && pattern < size());
  return counts_[static_cast<std::size_t>(pattern)];
}

int PatternGraph::Add(int pattern, int profile) const {
  BH_CHECK(pattern >= 0 && pattern < size());
  BH_CHECK(profile >= 0 && static_cast<std::size_t>(profile) < model_->profiles.size());
  return next_[static_cast<std::size_t>(pattern)][static_cast<std::size_t>(profile)];
}

bool PatternGraph::Maximal(int pattern) const {
  BH_CHECK(pattern >= 0 && pattern < size());
  return std::ranges::all_of(next_[static_cast<std::size_t>(pattern)],
                             [](int next) { return next < 0; });
}

std::vector<mig::Instance> PatternGraph::Layout(int pattern,
                                                std::span<const mig::Instance> fixed) const {
  std::vector<int> profiles;
  for (std::size_t profile = 0; profile < model_->profiles.size(); ++profile) {
    profiles.insert(profiles.end(), static_cast<std::size_t>(Counts(pattern)[profile]),
                    static_cast<int>(profile));
  }
  // The large ones have the fewest starts.
  std::ranges::stable_sort(profiles, std::greater(), [&](int profile) {
    return model_->profiles[static_cast<std::size_t>(profile)].units;
  });
  std::vector<mig::Instance> layout(fixed.begin(), fixed.end());
  BH_CHECK(Extend(*model_, layout, profiles));
  layout.erase(layout.begin(), layout.begin() + static_cast<std::ptrdiff_t>(fixed.size()));
  std::ranges::sort(layout);
  return layout;
}

}  // namespace bulkhead::planner
