// SPDX-License-Identifier: Apache-2.0
// The instances on one GPU, and which sets of them the driver allows.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mig/gpu_model.h"

namespace bulkhead::mig {

struct Instance {
  int profile = 0;  // index into GpuModel::profiles
  int start = 0;    // in units
  friend auto operator<=>(const Instance&, const Instance&) = default;
};

// What decides whether another instance fits: equal states take equal instances.
struct Occupancy {
  uint32_t units = 0;     // bit u: unit u is taken
  bool added = false;     // an instance has the media engines, all of them or those added
  bool all = false;       // one has all of them
  bool ordinary = false;  // one is there that is not without any
  friend auto operator<=>(const Occupancy&, const Occupancy&) = default;
};

Occupancy OccupancyOf(const GpuModel& model, std::span<const Instance> instances);

// Whether `one` may be made beside them: its start is one of the profile's, its units are free, the
// profile's count is not reached, and the media engines allow it (nvml.h, the comment on
// NVML_GPU_INSTANCE_PROFILE_1_SLICE_ALL_ME). That units do not overlap is the whole of the driver's
// geometry; the slices of compute follow from it.
bool Fits(const GpuModel& model, std::span<const Instance> instances, const Instance& one);

// Every start at which the profile fits now, ascending.
std::vector<int> FreeStarts(const GpuModel& model, std::span<const Instance> instances,
                            int profile);

// Whether the driver would allow all of them at once.
bool IsLegal(const GpuModel& model, std::span<const Instance> instances);

// How many different non-empty layouts there are of these profiles, and how many of them are
// maximal: nothing of these profiles fits beside them. Multisets forget where instances are.
struct LayoutCount {
  std::size_t layouts = 0;
  std::size_t maximal = 0;
  std::size_t multisets = 0;
  std::size_t maximal_multisets = 0;
  friend bool operator==(const LayoutCount&, const LayoutCount&) = default;
};
LayoutCount CountLayouts(const GpuModel& model, std::span<const int> profiles);

}  // namespace bulkhead::mig
