// SPDX-License-Identifier: Apache-2.0
// What a model needs on cores, before it has run there: memory from its file, time from one
// measurement of another model on the same machine (docs/sizing.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "planner/sizing.h"

namespace bulkhead::planner {

// Of a worker's process, shared pages of its libraries included. Both predictions were within a
// tenth of what was measured (docs/sizing.md); a partition needs room above them.
struct CpuMemory {
  uint64_t reading_bytes = 0;  // while the file is turned into a session
  uint64_t serving_bytes = 0;  // from the first frame on
  [[nodiscard]] uint64_t peak() const { return std::max(reading_bytes, serving_bytes); }
};

// Reading takes 3.85 times the weights: the file, the graph parsed from it, and the copies in which
// the runtime lays weights out anew, in a heap that gives nothing back before the end. Serving
// keeps one copy, the input, and two and a half times the peak of activations: the runtime's arena
// keeps what the first run took piece by piece beside the one block of all later runs. Saturates.
CpuMemory PredictCpuMemory(const SizingInput& input);

// How fast a machine's cores are with so many threads: what one measured model says.
struct CpuSpeed {
  double flops_per_second = 0;
};

// From one run of `measured` that took `seconds`. None: a time or an arithmetic that is not above
// zero.
std::optional<CpuSpeed> MeasuredSpeed(const SizingInput& measured, double seconds);

// Time of one run of a model on a machine of that speed, with as many threads as it was measured
// with. In proportion to arithmetic: convolutions are nearly all of it.
double PredictCpuSeconds(const SizingInput& input, const CpuSpeed& speed);

}  // namespace bulkhead::planner
