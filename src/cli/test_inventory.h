// SPDX-License-Identifier: Apache-2.0
// GPUs for tests of the commands of `gpu`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/gpu_access.h"
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

// They as a node would list them, with what is on them made by others.
inline OpenedGpus Opened(const std::vector<device::Gpu>& gpus) {
  OpenedGpus opened;
  opened.owners_known = true;
  for (const device::Gpu& gpu : gpus) {
    device::Device device;
    device.id = gpu.uuid;
    device.gpu = device::GpuDevice{gpu, {}, {}, {}};
    device.gpu->holders.resize(gpu.instances.size());
    opened.devices.push_back(std::move(device));
  }
  return opened;
}

}  // namespace bulkhead::cli
