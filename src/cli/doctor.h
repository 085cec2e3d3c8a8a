// SPDX-License-Identifier: Apache-2.0
// `bulkhead doctor`: what works on this machine for this user, and why the rest does not.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "cli/console.h"
#include "cli/detect.h"
#include "device/device_backend.h"

namespace bulkhead::cli {

using OpenDevices = std::function<base::Result<std::unique_ptr<device::DeviceBackend>>()>;

struct DoctorArguments {
  bool json = false;
};

// Tries everything, changes nothing, and returns kSuccess when a worker can be started with every
// layer of isolation, else kFailure.
int RunDoctor(const DoctorArguments& arguments, const OpenDriver& open_driver,
              const OpenDevices& open_devices, const Console& console);

}  // namespace bulkhead::cli
