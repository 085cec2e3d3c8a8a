// SPDX-License-Identifier: Apache-2.0
// What the exported functions share: the state, handles, and the way every call goes.
#pragma once

#include <string>

#include "base/result.h"
#include "nvml_double/nvml_double.h"

// As in NVIDIA's library: C, and visible.
#define NVML_EXPORT extern "C" __attribute__((visibility("default")))

namespace bulkhead::device {

// What any handle is: a GPU, an instance on it, a compute instance in that (as such, or as the MIG
// device that it makes). Lives as long as the library.
struct Handle {
  std::string gpu;
  int gpu_instance = -1;
  int compute_instance = -1;
};

NvmlDouble& State();

// The same pointer for the same instance, and never one for two.
Handle* MakeHandle(const Handle& handle);
// nullptr: not one of ours.
const Handle* FindHandle(const void* pointer);

// nullptr: no such GPU, or no such instance any more.
Gpu* GpuOf(const void* handle);
GpuInstance* InstanceOf(const void* handle);
ComputeInstance* ComputeOf(const void* handle);

nvml::Return CodeOf(const base::Error& error);

// Counts the call, and fails it where the test says so.
template <typename Work>
nvml::Return Call(const char* name, const Work& work) {
  NvmlDouble& state = State();
  const auto failure = state.failures.find(state.calls.size());
  const bool fails = failure != state.failures.end();
  state.calls.emplace_back(name);
  if (state.sessions == 0) return nvml::kUninitialized;
  if (fails && !failure->second.after) return failure->second.code;
  const nvml::Return code = work();
  return fails ? failure->second.code : code;
}

// The same for what takes a GPU's handle.
template <typename Work>
nvml::Return CallOn(const char* name, const void* handle, const Work& work) {
  return Call(name, [&] {
    Gpu* gpu = GpuOf(handle);
    if (gpu == nullptr) return nvml::kInvalidArgument;
    if (State().lost.contains(gpu->uuid)) return nvml::kGpuIsLost;
    return work(*gpu);
  });
}

// The same for what changes or shows the instances of a GPU.
template <typename Work>
nvml::Return CallPrivileged(const char* name, const void* handle, const Work& work) {
  return CallOn(name, handle, [&](Gpu& gpu) {
    if (!State().privileged) return nvml::kNoPermission;
    if (gpu.mig == MigMode::kAbsent) return nvml::kNotSupported;
    return work(gpu);
  });
}

}  // namespace bulkhead::device
