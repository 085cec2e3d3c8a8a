// SPDX-License-Identifier: Apache-2.0
// A GPU as its driver reports it. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mig/gpu_model.h"

namespace bulkhead::device {

enum class MigMode : uint8_t { kAbsent, kOff, kOn };  // kAbsent: this GPU cannot be cut

struct ComputeInstance {
  int id = 0;
  int slices = 0;
  std::string uuid;  // "MIG-...", which may come again for the same ids
  friend bool operator==(const ComputeInstance&, const ComputeInstance&) = default;
};

struct GpuInstance {
  int id = 0;       // the driver's; it gives the same again once this instance is gone
  int profile = 0;  // index into GpuModel::profiles
  int start = 0;    // in units
  std::vector<ComputeInstance> compute;
  friend bool operator==(const GpuInstance&, const GpuInstance&) = default;
};

struct Gpu {
  std::string uuid;
  // N of /dev/nvidiaN and of the capabilities' paths; the driver's order of GPUs is another.
  int minor = 0;
  std::string driver_version;
  mig::GpuModel model;  // with the profiles, placements and memory of this very GPU
  MigMode mig = MigMode::kAbsent;
  std::optional<bool> ecc;             // of memory; none where the GPU has none or does not say
  bool exclusive = false;              // compute mode: one process at a time
  std::vector<GpuInstance> instances;  // by start
};

// What we know of an instance beside what the driver says.
struct InstanceHolder {
  bool ours = false;
  std::string partition_id;  // that holds it; empty when nobody does
};

}  // namespace bulkhead::device
