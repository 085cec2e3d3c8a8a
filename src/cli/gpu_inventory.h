// SPDX-License-Identifier: Apache-2.0
// The GPUs that the commands of `bulkhead gpu` speak of.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "cli/gpu_access.h"
#include "device/gpu.h"
#include "planner/gpu_fleet.h"
#include "report/gpu_drawing.h"

namespace bulkhead::cli {

// What all commands of `gpu` have.
struct GpuArguments {
  std::string simulated;  // SPEC; empty: a node's, or this machine's
  std::string node;       // control socket of the node that is asked
  bool json = false;
};

// Who has an instance, or a whole GPU.
struct SlotOwner {
  enum class Kind : uint8_t {
    kFree,     // of a whole GPU: nobody has all of it
    kForeign,  // another tool made it
    kIdle,     // ours, and nobody has it
    kHeld,     // ours, and `name` has it
  };
  Kind kind = Kind::kForeign;
  std::string name;  // "plant/line-3", or what the node calls the worker or the partition
  friend bool operator==(const SlotOwner&, const SlotOwner&) = default;
};

struct GpuOwners {
  std::vector<SlotOwner> instances;  // of Gpu::instances, in their order
  SlotOwner whole{SlotOwner::Kind::kFree, {}};
  std::string fenced;  // why nothing is taken of it; empty: it is in order
};

struct GpuInventory {
  std::vector<device::Gpu> gpus;
  bool simulated = false;
  std::vector<GpuOwners> owners{};  // of gpus, in their order; empty: nobody said
  std::string through{};            // OpenedGpus::through
};

struct ChangeableGpus {
  GpuInventory inventory;
  std::function<base::Status(const InstanceChange&)> change;
};

// Errors are those of `open`. kNotFound: there is no GPU.
base::Result<GpuInventory> ReadInventoryOf(const GpuArguments& arguments, const OpenGpus& open);
// The same, to be changed; `state`: GpuWhere::state.
base::Result<ChangeableGpus> OpenChangeable(const GpuArguments& arguments, const std::string& state,
                                            const OpenGpus& open);

// The planner's view: GPUs in their order, GPUs of equal models as one kind, and what is on them as
// foreign. The inventory must outlive it.
planner::GpuFleet FleetOf(const GpuInventory& inventory);

// An instance with the word for who has it, or is to have it.
struct OwnedInstance {
  mig::Instance instance;  // profile planner::kWholeGpu: all of the GPU
  std::string owner;
};

// "" where nobody said.
std::string OwnerText(const GpuInventory& inventory, std::size_t gpu, std::size_t instance);
std::vector<OwnedInstance> PresentInstances(const GpuInventory& inventory, std::size_t gpu);
report::DrawnGpu DrawingOf(const GpuInventory& inventory, std::size_t gpu,
                           const std::vector<OwnedInstance>& instances);

// "3g.20gb", or "gpu" for all of it.
std::string ProfileText(const mig::GpuModel& model, int profile);
// "GPU 0  A100-40GB".
std::string TitleOf(const GpuInventory& inventory, std::size_t gpu);
nlohmann::json GpuJson(const GpuInventory& inventory, std::size_t gpu);

}  // namespace bulkhead::cli
