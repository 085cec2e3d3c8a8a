// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's dcgm-exporter says of GPUs and of their MIG instances.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::advice {

// Names a whole GPU or one GPU instance on it, as DCGM and NVML both do.
struct DeviceKey {
  std::string gpu_uuid;
  std::optional<int> gpu_instance;
  friend auto operator<=>(const DeviceKey&, const DeviceKey&) = default;
};

// One moment. What the exporter does not give, or gives as DCGM's mark for "not available", is
// absent.
struct DeviceReading {
  DeviceKey key;
  std::string profile;  // GPU_I_PROFILE: "1g.5gb"; empty for a whole GPU
  std::string host;
  std::string gpu_model;                // modelName: "NVIDIA A100-SXM4-40GB"
  std::optional<double> engine_active;  // share of time, DCGM_FI_PROF_GR_ENGINE_ACTIVE
  std::optional<double> dram_active;    // share of time, DCGM_FI_PROF_DRAM_ACTIVE
  std::optional<double> memory_used_mib;
  std::optional<double> memory_free_mib;
};

// One reading per device, by key. An exporter that maps devices to Pods repeats a device for each
// that shares it: the largest of each number stays. Metrics of others, and those without a UUID,
// are passed over. Errors: those of ReadPrometheusText.
base::Result<std::vector<DeviceReading>> ReadDcgm(std::string_view exposition);

}  // namespace bulkhead::advice
