// SPDX-License-Identifier: Apache-2.0
#include "device/core_choice.h"

#include <algorithm>
#include <map>
#include <utility>

namespace bulkhead::device {
namespace {

// Free cores of one place, the fast ones first.
using Place = std::vector<std::size_t>;

const Place* BestFit(const std::vector<Place>& places, std::size_t count) {
  const Place* best = nullptr;
  for (const Place& place : places) {
    if (place.size() >= count && (best == nullptr || place.size() < best->size())) best = &place;
  }
  return best;
}

Place First(const Place& place, std::size_t count) {
  Place chosen(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(count));
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace

std::optional<Place> ChooseCores(const std::vector<Core>& cores, const std::vector<bool>& free,
                                 std::size_t count) {
  std::map<int, std::pair<Place, Place>> kinds_of_node;  // fast, efficient
  for (std::size_t i = 0; i < cores.size(); ++i) {
    auto& [fast, efficient] = kinds_of_node[cores[i].numa_node];
    if (free[i]) (cores[i].efficient ? efficient : fast).push_back(i);
  }
  std::vector<Place> fast_places;
  std::vector<Place> efficient_places;
  std::vector<Place> nodes;
  for (const auto& [node, kinds] : kinds_of_node) {
    fast_places.push_back(kinds.first);
    efficient_places.push_back(kinds.second);
    nodes.push_back(kinds.first);
    nodes.back().insert(nodes.back().end(), kinds.second.begin(), kinds.second.end());
  }
  for (const auto& places : {fast_places, efficient_places, nodes}) {
    if (const Place* place = BestFit(places, count)) return First(*place, count);
  }
  std::ranges::sort(nodes, [](const Place& left, const Place& right) {
    return left.size() != right.size() ? left.size() > right.size() : left < right;
  });
  Place all;
  for (const Place& node : nodes) all.insert(all.end(), node.begin(), node.end());
  if (all.size() < count) return std::nullopt;
  return First(all, count);
}

}  // namespace bulkhead::device
