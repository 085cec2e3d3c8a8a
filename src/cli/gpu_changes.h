// SPDX-License-Identifier: Apache-2.0
// From what is wanted of GPUs to the changes that `bulkhead gpu apply` makes.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "cli/gpu_access.h"
#include "cli/gpu_inventory.h"
#include "cli/gpu_layouts.h"
#include "cli/gpu_plan.h"

namespace bulkhead::cli {

// What a plan adds, GPU by GPU. A whole GPU needs no instance: a note says so.
LayoutImport ImportOf(const GpuInventory& inventory, const GpuPlan& plan);

// A document that `gpu plan --want --json` or `gpu import --json` wrote, on GPUs of the same UUIDs.
// kInvalid: not such a document. kNotFound: a GPU is not here.
base::Result<LayoutImport> ReadPlan(const GpuInventory& inventory, const nlohmann::json& document);

// Why it cannot be applied, a sentence each: what is to go was made by others, is in use or is not
// there; what is to come has no room beside what stays; MIG has another mode than is wanted, or the
// GPU is fenced. None: it can.
std::vector<std::string> Obstacles(const GpuInventory& inventory, const LayoutImport& import);

// In an order in which each is possible: of each GPU what goes, then what comes.
std::vector<InstanceChange> ChangesOf(const GpuInventory& inventory, const LayoutImport& import);

// "make 3g.20gb at 4 of GPU 0"
std::string ChangeText(const GpuInventory& inventory, const InstanceChange& change);

}  // namespace bulkhead::cli
