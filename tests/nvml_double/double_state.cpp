// SPDX-License-Identifier: Apache-2.0
#include "nvml_double/double_state.h"

#include <algorithm>
#include <list>

namespace bulkhead::device {
namespace {

std::list<Handle>& Handles() {
  static std::list<Handle> handles;
  return handles;
}

}  // namespace

NvmlDouble& State() {
  static NvmlDouble state;
  return state;
}

NVML_EXPORT NvmlDouble* bulkhead_nvml_double_state() { return &State(); }

Handle* MakeHandle(const Handle& handle) {
  for (Handle& one : Handles()) {
    if (one.gpu == handle.gpu && one.gpu_instance == handle.gpu_instance &&
        one.compute_instance == handle.compute_instance) {
      return &one;
    }
  }
  return &Handles().emplace_back(handle);
}

const Handle* FindHandle(const void* pointer) {
  const auto found =
      std::ranges::find_if(Handles(), [&](const Handle& one) { return &one == pointer; });
  return found == Handles().end() ? nullptr : &*found;
}

Gpu* GpuOf(const void* pointer) {
  const Handle* handle = FindHandle(pointer);
  if (handle == nullptr || State().gpus == nullptr) return nullptr;
  auto& gpus = State().gpus->machine().gpus;
  const auto found = std::ranges::find(gpus, handle->gpu, &Gpu::uuid);
  return found == gpus.end() ? nullptr : &*found;
}

GpuInstance* InstanceOf(const void* pointer) {
  Gpu* gpu = GpuOf(pointer);
  if (gpu == nullptr) return nullptr;
  const auto found =
      std::ranges::find(gpu->instances, FindHandle(pointer)->gpu_instance, &GpuInstance::id);
  return found == gpu->instances.end() ? nullptr : &*found;
}

ComputeInstance* ComputeOf(const void* pointer) {
  GpuInstance* instance = InstanceOf(pointer);
  if (instance == nullptr) return nullptr;
  const auto found = std::ranges::find(instance->compute, FindHandle(pointer)->compute_instance,
                                       &ComputeInstance::id);
  return found == instance->compute.end() ? nullptr : &*found;
}

nvml::Return CodeOf(const base::Error& error) {
  switch (error.code) {
    case base::Code::kConflict:
      return nvml::kInUse;
    case base::Code::kExhausted:
      return nvml::kInsufficientResources;
    case base::Code::kInvalid:
      return nvml::kInvalidArgument;
    case base::Code::kUnsupported:
      return nvml::kNotSupported;
    case base::Code::kNotFound:
      return nvml::kNotFound;
    default:
      return nvml::kUnknown;
  }
}

}  // namespace bulkhead::device
