// SPDX-License-Identifier: Apache-2.0
// `bulkhead doctor`: what works on this machine for this user, and why the rest does not.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/console.h"
#include "cli/detect.h"
#include "device/device_backend.h"

namespace bulkhead::cli {

using OpenDevices = std::function<base::Result<std::unique_ptr<device::DeviceBackend>>()>;

// One line of the doctor's answer.
struct Finding {
  std::string name;
  bool works = false;
  std::string text;  // what was found, or why it does not work
};

// The key providers; empty text: what each needs of this machine, else whether the named one
// answers. kInvalid: the text names none.
using ProbeKeys = std::function<base::Result<std::vector<Finding>>(const std::string& provider)>;

struct DoctorArguments {
  std::string keys;  // a key provider to try; empty: none
  bool json = false;
};

// Tries everything, changes nothing, and returns kSuccess when a worker can be started with every
// layer of isolation and the key provider that is named answers, else kFailure.
int RunDoctor(const DoctorArguments& arguments, const OpenDriver& open_driver,
              const OpenDevices& open_devices, const ProbeKeys& probe_keys, const Console& console);

}  // namespace bulkhead::cli
