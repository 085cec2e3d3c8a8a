// SPDX-License-Identifier: Apache-2.0
// Which files give a process the use of one GPU instance (MIG user guide, "Device Nodes and
// Capabilities"). Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::device {

// N of /dev/nvidia-caps/nvidia-capN: one for the GPU instance, one for the compute instance in it.
struct CapabilityMinors {
  int gpu_instance = 0;
  int compute_instance = 0;
  friend bool operator==(const CapabilityMinors&, const CapabilityMinors&) = default;
};

// Of that instance on the GPU with that device minor, from the text of
// /proc/driver/nvidia-caps/mig-minors: lines "gpu0/gi1/access 12" and "gpu0/gi1/ci0/access 13".
//
// kNotFound: it has no line of one of the two. kCorrupt: a line that is not one of its kind, a
// number twice, or one of config or monitor (1 and 2), which administer and watch all of them.
base::Result<CapabilityMinors> FindCapabilities(std::string_view text, int gpu_minor,
                                                const InstanceNumbers& instance);

}  // namespace bulkhead::device
