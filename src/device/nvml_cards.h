// SPDX-License-Identifier: Apache-2.0
// The GPUs that NVIDIA's library shows, as ours. Reads only.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "device/gpu.h"
#include "device/nvml_library.h"

namespace bulkhead::device::nvml {

struct Card {
  Device handle = nullptr;
  Gpu gpu;  // without instances, and with MIG and compute mode as they were
};

// The name of a profile, as NVIDIA's tools write it: "1g.10gb+me". Its gigabytes are the GPU's,
// rounded up, times the eighths of memory that it has, rounded up (go-nvlib, getMigMemorySizeGB).
std::string ProfileName(unsigned which, const GpuProfile& profile, uint64_t total_mib);

// Every GPU; one that is lost is left out.
base::Result<std::vector<Card>> ReadCards(const Library& library);

// What can change: MIG and compute mode, ECC, instances.
base::Status Refresh(const Library& library, Card& card);

// A compute instance, or the error of a call.
base::Result<ComputeInstance> ReadCompute(const Library& library, ComputeInstanceHandle handle,
                                          int slices);

// The kinds of compute instance that a GPU instance takes; of one size the plain one comes first.
struct ComputeKind {
  unsigned profile = 0;  // nvmlComputeInstanceProfileInfo_t.id
  int slices = 0;
};
base::Result<std::vector<ComputeKind>> ReadComputeKinds(const Library& library,
                                                        GpuInstanceHandle instance);

}  // namespace bulkhead::device::nvml
