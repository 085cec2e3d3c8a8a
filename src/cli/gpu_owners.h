// SPDX-License-Identifier: Apache-2.0
// Whose the workers are that a node names.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/admin_call.h"
#include "cli/gpu_inventory.h"

namespace bulkhead::cli {

// Puts "tenant/model" in the place of the names of workers, by the answer to GET /admin/workers.
// Names that it does not have stay.
void NameOwners(const nlohmann::json& workers, GpuInventory& inventory);

// The same, of the gateway at `admin`; where none answers the names stay. Simulated GPUs that no
// node has are left alone.
void AskForOwners(const AdminArguments& admin, GpuInventory& inventory);

}  // namespace bulkhead::cli
