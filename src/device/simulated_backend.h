// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::device {

// The backend "sim:" with what follows its colon (simulation.h): plans run on it, workers do not.
// Every device and partition says that it is simulated and has neither nodes nor environment, and a
// worker is not started in one. Scrub has nothing to clear. Errors of ReadSimulation.
base::Result<std::unique_ptr<DeviceBackend>> OpenSimulatedBackend(std::string_view text);

}  // namespace bulkhead::device
