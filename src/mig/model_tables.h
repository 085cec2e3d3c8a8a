// SPDX-License-Identifier: Apache-2.0
// The parts of GpuModels(), a file each, in its order. Memory is the smallest that a device or
// driver was seen to report. Engines stand as {copy, decoders, encoders, jpeg, optical flow}.
#pragma once

#include <vector>

#include "mig/gpu_model.h"

namespace bulkhead::mig {

std::vector<GpuModel> AmpereModels();
std::vector<GpuModel> HopperModels();
std::vector<GpuModel> BlackwellModels();
std::vector<GpuModel> ModelsWithoutMig();

}  // namespace bulkhead::mig
