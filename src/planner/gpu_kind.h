// SPDX-License-Identifier: Apache-2.0
// The GPUs that sizing knows, as a table for planning without hardware. Drivers and variants
// differ by a few per cent; a running node reads its devices instead.
#pragma once

#include <cstdint>
#include <span>

namespace bulkhead::planner {

struct Profile {
  const char* name;  // "1g.5gb"; "gpu" for a GPU without MIG
  int slices;        // compute slices
  uint64_t memory_mib;
};

struct GpuKind {
  const char* name;
  // False where the memory is derived from the profile's name and not seen on a device.
  bool memory_observed;
  bool mig;
  std::span<const Profile> profiles;  // ascending
};

// In a fixed order: GPUs with MIG first, oldest first.
std::span<const GpuKind> GpuKinds();

}  // namespace bulkhead::planner
