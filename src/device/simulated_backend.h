// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::device {

// The backend "sim:" with what follows its colon (simulation.h): plans run on it, workers do not.
// Every device and partition says that it is simulated and has neither nodes nor environment, and a
// worker is not started in one. Scrub has nothing to clear. Errors of ReadSimulation.
base::Result<std::unique_ptr<DeviceBackend>> OpenSimulatedBackend(std::string_view text);

// The simulated machine that an inventory file (inventory_file.h) is: each change is in the file
// before the next one begins. What is ours says the journal in the folder `path` + ".owned", which
// is made by the first change where it is missing; instances that the file had before are others'.
// Errors of ReadInventory and of InstanceJournal.
base::Result<std::unique_ptr<DeviceBackend>> OpenSimulatedFile(const std::filesystem::path& path,
                                                               bool recover);

}  // namespace bulkhead::device
