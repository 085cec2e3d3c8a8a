// SPDX-License-Identifier: Apache-2.0
// `bulkhead gpu import` and `export`: configurations of mig-parted.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/gpu_inventory.h"

namespace bulkhead::cli {

// What would be made and given up for one GPU to be as a configuration wants it.
struct LayoutChange {
  std::size_t gpu = 0;
  bool mig_enabled = false;  // wanted; the mode is the administrator's to change
  std::vector<mig::Instance> kept;
  std::vector<mig::Instance> removed;
  std::vector<mig::Instance> added;
};

struct LayoutImport {
  std::vector<LayoutChange> changes;  // of each GPU that the configuration speaks of
  std::vector<std::string> notes;
  std::vector<std::string>
      obstacles{};  // what stays and is not in the configuration, or in its way
};

// The configuration `name` of a file of mig-parted; an empty name: the only one. What is there and
// wanted stays where it is as far as that leaves a place for the rest; what others made and what is
// in use stays in any case. Errors of
// migparted::ParseDocument and PlaceConfig; kNotFound: no such configuration, with those there are.
base::Result<LayoutImport> ImportLayouts(const GpuInventory& inventory, std::string_view file,
                                         const std::string& name);

std::string ImportText(const GpuInventory& inventory, const LayoutImport& import);
nlohmann::json ImportJson(const GpuInventory& inventory, const LayoutImport& import);

// What is there now as a file of mig-parted. kInvalid: a name that it cannot have.
base::Result<std::string> ExportLayouts(const GpuInventory& inventory, const std::string& name);

}  // namespace bulkhead::cli
