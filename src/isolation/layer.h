// SPDX-License-Identifier: Apache-2.0
// The layers a compartment is made of, and which of them a policy insists on.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::isolation {

enum class Layer : uint8_t {
  kUserNamespace,
  kMountNamespace,
  kPidNamespace,
  kNetworkNamespace,
  kIpcNamespace,
  kUtsNamespace,
  kCgroupNamespace,
  kOwnUser,      // a user id that no other process of the machine has
  kPrivateRoot,  // a read-only root that holds the program's files and its devices, nothing else
  kResourceLimits,
  kNoCapabilities,
  kNoNewPrivileges,
  kNotDumpable,
  kLandlock,
  kSyscallFilter,
  kCgroupMemory,  // with swap
  kCgroupPids,
  kCgroupCpus,  // exclusive cores
};
constexpr std::size_t kLayerCount = 18;

// "user-namespace", "cgroup-memory", ...: as written in policies, reports and JSON.
std::string_view LayerName(Layer layer);
std::optional<Layer> ParseLayer(std::string_view name);

class LayerSet {
 public:
  LayerSet() = default;
  LayerSet(std::initializer_list<Layer> layers) {
    for (const Layer layer : layers) Add(layer);
  }
  static LayerSet All();

  void Add(Layer layer) { bits_.set(static_cast<std::size_t>(layer)); }
  void Remove(Layer layer) { bits_.reset(static_cast<std::size_t>(layer)); }
  [[nodiscard]] bool Has(Layer layer) const { return bits_.test(static_cast<std::size_t>(layer)); }
  [[nodiscard]] bool empty() const { return bits_.none(); }
  [[nodiscard]] std::vector<Layer> List() const;
  friend bool operator==(const LayerSet&, const LayerSet&) = default;

 private:
  std::bitset<kLayerCount> bits_;
};

// Every layer that a driver has is required, except those named here: they are used where the
// machine gives them and left out, visibly, where it does not.
struct Policy {
  LayerSet optional;
};

// What a probe of one layer found. `reason` says in one line why it does not work, and what to do.
struct LayerState {
  Layer layer = Layer::kUserNamespace;
  bool works = false;
  std::string reason;
};

}  // namespace bulkhead::isolation
