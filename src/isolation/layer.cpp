// SPDX-License-Identifier: Apache-2.0
#include "isolation/layer.h"

#include <array>

namespace bulkhead::isolation {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, kLayerCount> kNames = {
    "user-namespace",  "mount-namespace",   "pid-namespace", "network-namespace", "ipc-namespace",
    "uts-namespace",   "cgroup-namespace",  "own-user",      "private-root",      "resource-limits",
    "no-capabilities", "no-new-privileges", "not-dumpable",  "landlock",          "syscall-filter",
    "cgroup-memory",   "cgroup-pids",       "cgroup-cpus"};
static_assert(static_cast<std::size_t>(Layer::kCgroupCpus) + 1 == kLayerCount);

}  // namespace

std::string_view LayerName(Layer layer) { return kNames.at(static_cast<std::size_t>(layer)); }

std::optional<Layer> ParseLayer(std::string_view name) {
  for (std::size_t i = 0; i < kLayerCount; ++i) {
    if (kNames.at(i) == name) return static_cast<Layer>(i);
  }
  return std::nullopt;
}

LayerSet LayerSet::All() {
  LayerSet all;
  all.bits_.set();
  return all;
}

std::vector<Layer> LayerSet::List() const {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < kLayerCount; ++i) {
    if (bits_.test(i)) layers.push_back(static_cast<Layer>(i));
  }
  return layers;
}

}  // namespace bulkhead::isolation
