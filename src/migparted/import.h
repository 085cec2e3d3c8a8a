// SPDX-License-Identifier: Apache-2.0
// From a configuration of counts to layouts with places, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mig/layout.h"
#include "migparted/document.h"

namespace bulkhead::migparted {

// A GPU of the machine; its index is its place in the list.
struct Gpu {
  const mig::GpuModel* model = nullptr;
  uint32_t pci_id = 0;
  std::optional<uint32_t> pci_subsystem;  // where it is known
};

// What one GPU should be cut into, whatever it is now.
struct GpuLayout {
  int gpu = 0;
  bool mig_enabled = false;
  std::vector<mig::Instance> instances;  // legal together, ascending
  friend bool operator==(const GpuLayout&, const GpuLayout&) = default;
};

struct Layouts {
  std::vector<GpuLayout> gpus;  // those that the configuration speaks of, ascending
  // Sentences for the operator: which profile was taken for one whose name differs by a gigabyte.
  std::vector<std::string> notes;
};

// The layouts that `config` asks for on these GPUs, with a place for every instance. One public
// sentence, and nothing is placed, where it names a GPU that is not there (kNotFound) or speaks of
// none that is (kNotFound), divides a GPU without MIG or an instance between compute instances
// (kUnsupported), has a profile that a GPU does not know, speaks of one GPU twice (kInvalid), or
// asks of a GPU for more than it holds (kConflict).
base::Result<Layouts> PlaceConfig(const Config& config, std::span<const Gpu> gpus);

// The file of one configuration that asks for these layouts, by index; GPUs with the same counts
// share an entry. kInvalid for a name that is not allowed (document.h).
base::Result<std::string> ExportConfig(std::string_view name, std::span<const Gpu> gpus,
                                       std::span<const GpuLayout> layouts);

}  // namespace bulkhead::migparted
