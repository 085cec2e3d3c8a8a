// SPDX-License-Identifier: Apache-2.0
#include "device/simulated_gpus.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "mig/layout.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

// The shape of the numbers that the driver gives on parts of 4, 8 and 12 units: a binary tree over
// the places, so that no two instances that exist together have the same.
int InstanceIdAt(const mig::GpuModel& model, const mig::Profile& profile, int start) {
  return model.units / profile.units - 1 + start / profile.units;
}

std::string InstanceUuid(const std::string& gpu, const InstanceNumbers& instance) {
  return fmt::format("MIG-{}-{:04x}-{:04x}-000000000000", gpu.substr(gpu.find('-') + 1, 13),
                     instance.gpu_instance, instance.compute_instance);
}

GpuInstance* FindInstance(Gpu* gpu, int id) {
  if (gpu == nullptr) return nullptr;
  const auto found = std::ranges::find(gpu->instances, id, &GpuInstance::id);
  return found == gpu->instances.end() ? nullptr : &*found;
}

base::Error NoSuch(std::string_view what) {
  return OperatorError(Code::kNotFound, fmt::format("no such {}", what));
}

base::Result<int> Place(Gpu& gpu, int profile_id, int start) {
  const auto& profiles = gpu.model.profiles;
  const auto found = std::ranges::find(profiles, profile_id, &mig::Profile::id);
  if (gpu.mig != MigMode::kOn) return OperatorError(Code::kUnsupported, "MIG is off");
  if (found == profiles.end() || std::ranges::count(found->starts, start) == 0) {
    return OperatorError(Code::kInvalid, "not a place of a profile");
  }
  const mig::Instance wanted{static_cast<int>(found - profiles.begin()), start};
  std::vector<mig::Instance> there;
  for (const GpuInstance& one : gpu.instances) there.push_back({one.profile, one.start});
  if (!mig::Fits(gpu.model, there, wanted)) {
    return OperatorError(Code::kExhausted, "insufficient resources");
  }
  const int id = InstanceIdAt(gpu.model, *found, start);
  gpu.instances.push_back({id, wanted.profile, start, {}});
  std::ranges::sort(gpu.instances, {}, &GpuInstance::start);
  return id;
}

}  // namespace

Gpu MakeSimulatedGpu(const mig::GpuModel& model, int number) {
  Gpu gpu;
  gpu.uuid = fmt::format("GPU-5107a7ed-{:04x}-0000-0000-000000000000", number);
  gpu.minor = number;
  gpu.driver_version = "simulated";
  gpu.model = model;
  gpu.mig = model.mig() ? MigMode::kOn : MigMode::kAbsent;
  gpu.ecc = true;
  gpu.exclusive = !model.mig();
  return gpu;
}

void SimulatedGpus::FailCall(int calls, base::Error error, When when) {
  failures_[calls_.size() + static_cast<std::size_t>(calls)] = {std::move(error), when};
}

template <typename T>
base::Result<T> SimulatedGpus::Call(std::string text,
                                    const std::function<base::Result<T>()>& work) {
  if (observer) observer();
  const std::size_t number = calls_.size();
  calls_.push_back(std::move(text));
  const auto failure = failures_.find(number);
  const bool fails = failure != failures_.end();
  if (fails && failure->second.when == When::kBefore) return failure->second.error;
  base::Result<T> result = work();
  if (observer) observer();
  if (fails) return failure->second.error;
  return result;
}

Gpu* SimulatedGpus::FindGpu(std::string_view uuid) {
  const auto found = std::ranges::find(machine_.gpus, uuid, &Gpu::uuid);
  return found == machine_.gpus.end() ? nullptr : &*found;
}

bool SimulatedGpus::InUse(const std::string& gpu, int gpu_instance,
                          std::optional<int> compute_instance) const {
  return std::ranges::any_of(machine_.processes, [&](const SimulatedMachine::Process& process) {
    return process.gpu == gpu && process.instance &&
           process.instance->gpu_instance == gpu_instance &&
           process.instance->compute_instance ==
               compute_instance.value_or(process.instance->compute_instance);
  });
}

base::Result<std::vector<Gpu>> SimulatedGpus::List() {
  return Call<std::vector<Gpu>>("List", [&] { return machine_.gpus; });
}

base::Result<int> SimulatedGpus::CreateGpuInstance(const std::string& gpu, int profile_id,
                                                   int start) {
  return Call<int>(fmt::format("CreateGpuInstance {} {}", profile_id, start),
                   [&]() -> base::Result<int> {
                     Gpu* found = FindGpu(gpu);
                     if (found == nullptr) return NoSuch("GPU");
                     return Place(*found, profile_id, start);
                   });
}

base::Result<ComputeInstance> SimulatedGpus::CreateComputeInstance(const std::string& gpu,
                                                                   int gpu_instance) {
  Gpu* found = FindGpu(gpu);
  const GpuInstance* instance = FindInstance(found, gpu_instance);
  const int slices =
      instance == nullptr
          ? 0
          : found->model.profiles[static_cast<std::size_t>(instance->profile)].slices;
  return CreateComputeInstanceOf(gpu, gpu_instance, slices);
}

base::Result<ComputeInstance> SimulatedGpus::CreateComputeInstanceOf(const std::string& gpu,
                                                                     int gpu_instance, int slices) {
  const auto work = [&]() -> base::Result<ComputeInstance> {
    Gpu* found = FindGpu(gpu);
    GpuInstance* instance = FindInstance(found, gpu_instance);
    if (instance == nullptr) return NoSuch("GPU instance");
    int left = found->model.profiles[static_cast<std::size_t>(instance->profile)].slices;
    int id = 0;
    for (const ComputeInstance& one : instance->compute) {
      left -= one.slices;
      id = std::max(id, one.id + 1);
    }
    if (slices < 1 || slices > left) {
      return OperatorError(Code::kExhausted, "insufficient resources");
    }
    const InstanceNumbers numbers{gpu_instance, id};
    instance->compute.push_back({id, slices, InstanceUuid(gpu, numbers)});
    return instance->compute.back();
  };
  return Call<ComputeInstance>(fmt::format("CreateComputeInstance {} {}", gpu_instance, slices),
                               work);
}

base::Status SimulatedGpus::DestroyComputeInstance(const std::string& gpu,
                                                   const InstanceNumbers& instance) {
  const auto work = [&]() -> base::Status {
    GpuInstance* found = FindInstance(FindGpu(gpu), instance.gpu_instance);
    if (found == nullptr) return NoSuch("GPU instance");
    if (InUse(gpu, instance.gpu_instance, instance.compute_instance)) {
      return OperatorError(Code::kConflict, "in use by a process");
    }
    const auto one =
        std::ranges::find(found->compute, instance.compute_instance, &ComputeInstance::id);
    if (one == found->compute.end()) return NoSuch("compute instance");
    found->compute.erase(one);
    return base::Ok();
  };
  return Call<base::Unit>(
      fmt::format("DestroyComputeInstance {} {}", instance.gpu_instance, instance.compute_instance),
      work);
}

base::Status SimulatedGpus::DestroyGpuInstance(const std::string& gpu, int gpu_instance) {
  const auto work = [&]() -> base::Status {
    Gpu* found = FindGpu(gpu);
    const GpuInstance* instance = FindInstance(found, gpu_instance);
    if (instance == nullptr) return NoSuch("GPU instance");
    if (!instance->compute.empty() || InUse(gpu, gpu_instance, std::nullopt)) {
      return OperatorError(Code::kConflict, "in use");
    }
    std::erase_if(found->instances, [&](const GpuInstance& one) { return one.id == gpu_instance; });
    return base::Ok();
  };
  return Call<base::Unit>(fmt::format("DestroyGpuInstance {}", gpu_instance), work);
}

base::Result<std::vector<int>> SimulatedGpus::Processes(
    const std::string& gpu, const std::optional<InstanceNumbers>& instance) {
  return Call<std::vector<int>>("Processes", [&] {
    std::vector<int> ids;
    for (const SimulatedMachine::Process& process : machine_.processes) {
      const bool meant = process.gpu == gpu && (!instance || process.instance == instance);
      if (meant) ids.push_back(process.id);
    }
    return ids;
  });
}

base::Result<std::vector<GpuFault>> SimulatedGpus::TakeFaults() {
  return Call<std::vector<GpuFault>>("TakeFaults",
                                     [&] { return std::exchange(machine_.faults, {}); });
}

base::Result<std::vector<std::filesystem::path>> SimulatedGpus::DeviceNodes(
    const Gpu& /*gpu*/, const std::optional<InstanceNumbers>& /*instance*/) {
  return Call<std::vector<std::filesystem::path>>(
      "DeviceNodes", [] { return std::vector<std::filesystem::path>{}; });
}

}  // namespace bulkhead::device
