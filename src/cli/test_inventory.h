// SPDX-License-Identifier: Apache-2.0
// GPUs for tests of the commands of `gpu`.
#pragma once

#include <string>

#include "cli/gpu_inventory.h"

namespace bulkhead::cli {

// Cut, with MIG on, and empty.
inline device::Gpu TestGpu(const std::string& model) {
  device::Gpu gpu;
  gpu.uuid = "GPU-" + model;
  gpu.model = *mig::FindGpuModel(model);
  gpu.mig = gpu.model.mig() ? device::MigMode::kOn : device::MigMode::kAbsent;
  return gpu;
}

inline device::GpuInstance TestInstance(const device::Gpu& gpu, const std::string& profile,
                                        int start) {
  device::GpuInstance instance;
  instance.profile = mig::FindProfile(gpu.model, profile);
  instance.start = start;
  return instance;
}

}  // namespace bulkhead::cli
