// SPDX-License-Identifier: Apache-2.0
// The port to what drives the GPUs of one machine: NVIDIA's library, or a simulation of it. It
// knows nothing of who owns what.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device_backend.h"
#include "device/gpu.h"

namespace bulkhead::device {

// A critical error that a GPU reported; `code` is NVIDIA's XID.
struct GpuFault {
  std::string gpu;                  // UUID
  std::optional<int> gpu_instance;  // that it is ascribed to
  uint64_t code = 0;
};

// One thread at a time. `gpu` is a UUID. Every function may fail with kUnavailable (the driver or
// the GPU does not answer), kDenied (privileges are missing) and kNotFound (no such GPU or
// instance). A create that ends in kUnavailable may have made the instance all the same, and a
// destroy may have removed it: List says what is there. After every other error nothing was done.
class GpuDriver {
 public:
  GpuDriver() = default;
  GpuDriver(const GpuDriver&) = delete;
  GpuDriver& operator=(const GpuDriver&) = delete;
  virtual ~GpuDriver() = default;

  // Every GPU with what is on it now, in an order that stays. Profiles are read once.
  [[nodiscard]] virtual base::Result<std::vector<Gpu>> List() = 0;

  // Makes a GPU instance of that profile (Profile::id) at that start, and returns its id.
  // kExhausted: no room there. kUnsupported: MIG is off. kInvalid: not a place of that profile.
  [[nodiscard]] virtual base::Result<int> CreateGpuInstance(const std::string& gpu, int profile_id,
                                                            int start) = 0;

  // Makes the compute instance that takes all slices of a GPU instance. kExhausted: it has one.
  [[nodiscard]] virtual base::Result<ComputeInstance> CreateComputeInstance(const std::string& gpu,
                                                                            int gpu_instance) = 0;

  // kConflict: something runs in it, or, of a GPU instance, a compute instance is there.
  [[nodiscard]] virtual base::Status DestroyComputeInstance(const std::string& gpu,
                                                            const InstanceNumbers& instance) = 0;
  [[nodiscard]] virtual base::Status DestroyGpuInstance(const std::string& gpu,
                                                        int gpu_instance) = 0;

  // Process ids in one instance, or on a whole GPU.
  [[nodiscard]] virtual base::Result<std::vector<int>> Processes(
      const std::string& gpu, const std::optional<InstanceNumbers>& instance) = 0;

  // What was reported since the last call; does not wait.
  [[nodiscard]] virtual base::Result<std::vector<GpuFault>> TakeFaults() = 0;

  // What a process opens to use exactly that instance, or the whole GPU, and nothing else; none
  // where the GPU is simulated. kCorrupt, kNotFound: the driver does not say which they are.
  [[nodiscard]] virtual base::Result<std::vector<std::filesystem::path>> DeviceNodes(
      const Gpu& gpu, const std::optional<InstanceNumbers>& instance) = 0;
};

}  // namespace bulkhead::device
