// SPDX-License-Identifier: Apache-2.0
// The partition of cores and memory that a model gets when nobody names one.
#pragma once

#include <cstdint>

namespace bulkhead::planner {

struct CpuSize {
  int cores = 0;
  uint64_t memory_gib = 0;
  friend bool operator==(const CpuSize&, const CpuSize&) = default;
};

// From the size of the model's file alone, which is what a gateway knows of it: its weights are
// nearly all of it, four bytes a parameter (of an FP16 file the size is taken for the next smaller
// one's). Sizes by the bounds of sizing.h.
//
// Cores: one up to size n, two from s on; more make a frame faster, and an operator may ask for
// them. Memory: 1, 2 or 3 GiB for engine and activations by the same floors as slices of a GPU
// (docs/sizing.md), and twice the file; more where reading the file takes more (cpu_cost.h).
CpuSize SizeForCpu(uint64_t file_bytes);

}  // namespace bulkhead::planner
