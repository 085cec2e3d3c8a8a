// SPDX-License-Identifier: Apache-2.0
// Which GPUs are simulated, as it is written on a command line.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/gpu.h"

namespace bulkhead::device {

constexpr std::size_t kSimulatedGpusMax = 16'384;

// "a100x4,t4x2": models of mig/gpu_model.h, each with how many (1 where it is not said), all empty.
// "file=PATH": those of a captured inventory (inventory_file.h), with the instances that were
// there. kInvalid: anything else; the detail says which models there are. Errors of ReadInventory.
base::Result<std::vector<Gpu>> ReadSimulation(std::string_view text);

}  // namespace bulkhead::device
