// SPDX-License-Identifier: Apache-2.0
// The GPUs that the commands of `bulkhead gpu` speak of.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "device/gpu.h"
#include "planner/gpu_fleet.h"
#include "report/gpu_drawing.h"

namespace bulkhead::cli {

// "nvml:" (those of this machine) or "sim:SPEC" (device/simulation.h), as they are now; nothing is
// changed.
using ReadGpus = std::function<base::Result<std::vector<device::Gpu>>(const std::string& where)>;

// What all commands of `gpu` have.
struct GpuArguments {
  std::string simulated;  // SPEC; empty: this machine's
  bool json = false;
};

struct GpuInventory {
  std::vector<device::Gpu> gpus;
  bool simulated = false;
};

// Errors are those of `read`. kNotFound: there is no GPU.
base::Result<GpuInventory> ReadInventoryOf(const GpuArguments& arguments, const ReadGpus& read);

// The planner's view: GPUs in their order, GPUs of equal models as one kind, and what is on them as
// foreign. The inventory must outlive it.
planner::GpuFleet FleetOf(const GpuInventory& inventory);

// An instance with the word for who has it, or is to have it.
struct OwnedInstance {
  mig::Instance instance;  // profile planner::kWholeGpu: all of the GPU
  std::string owner;
};

std::vector<OwnedInstance> PresentInstances(const device::Gpu& gpu);
report::DrawnGpu DrawingOf(const GpuInventory& inventory, std::size_t gpu,
                           const std::vector<OwnedInstance>& instances);

// "3g.20gb", or "gpu" for all of it.
std::string ProfileText(const mig::GpuModel& model, int profile);
// "GPU 0  A100-40GB".
std::string TitleOf(const GpuInventory& inventory, std::size_t gpu);
nlohmann::json GpuJson(const GpuInventory& inventory, std::size_t gpu);

}  // namespace bulkhead::cli
