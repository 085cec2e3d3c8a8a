// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "packing/policies.h"
#include "packing/trace.h"
#include "planner/defragment.h"

namespace bulkhead::bench {

// What a policy that makes room may move for one deployment.
inline constexpr planner::Disruption kMovesAllowed = {.moves_max = 2, .units_max = 8, .at_once = 1};

struct Outcome {
  double slice_hours = 0;  // of compute, accepted, as a share of those asked for
  double requests = 0;     // accepted, as a share
  int refused = 0;
  int moves = 0;
};

// One fleet of `gpus` GPUs of one model, all empty; what is refused is lost. Moves take no time.
Outcome Simulate(const mig::GpuModel& model, const Trace& trace, int gpus, const Policy& policy,
                 bool stop_at_refusal = false);

// The fewest GPUs with which nothing is refused, by bisection between the bound and its triple (or
// more, when that is not enough).
int GpusNeeded(const mig::GpuModel& model, const Trace& trace, const Policy& policy);

// No policy, not even one that knows what comes and moves at will, accepts a larger share of the
// slice-hours; none needs fewer GPUs.
double SliceHoursBound(const mig::GpuModel& model, const Trace& trace, int gpus);
int GpusBound(const mig::GpuModel& model, const Trace& trace);

}  // namespace bulkhead::bench
