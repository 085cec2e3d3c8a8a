// SPDX-License-Identifier: Apache-2.0
// A double of NVIDIA's management library: a shared library with the C functions that we call, over
// simulated GPUs. A test loads it in the place of libnvidia-ml.so.1 and has it misbehave.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "device/nvml_types.h"
#include "device/simulated_gpus.h"

namespace bulkhead::device {

struct NvmlDouble {
  struct Failure {
    nvml::Return code = nvml::kUnknown;
    bool after = false;  // what was asked for is done all the same
  };

  // None: those that $BULKHEAD_NVML_DOUBLE names (simulation.h), else there is no driver.
  std::unique_ptr<SimulatedGpus> gpus;
  bool privileged = true;
  std::set<std::string> lost;  // UUIDs of GPUs that fell off the bus
  int sessions = 0;

  // The names of the functions that were called. Failures by their number, the first is 0.
  std::vector<std::string> calls;
  std::map<std::size_t, Failure> failures;
};

// The state of the double; exported by that name.
using NvmlDoubleState = NvmlDouble* (*)();
constexpr const char* kNvmlDoubleState = "bulkhead_nvml_double_state";

}  // namespace bulkhead::device
