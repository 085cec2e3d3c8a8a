// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "bench_result.h"
#include "bench_worker.h"

namespace bulkhead::bench {

// sizing-memory-error, sizing-latency-error: the largest relative error of what planner/cpu_cost.h
// predicts, over graphs of sizes n to x at 640 and others that took no part in finding its
// constants. Memory is the peak resident memory of an isolated worker (VmHWM, shared pages
// included) over its start and some frames. Time is of one run of the graph with one thread; the
// speed is that of size s, measured before and after every run of another graph, so that a busy
// machine slows both alike; medians of rounds. Prints every graph. Writes the graphs into `folder`,
// one at a time.
std::vector<BenchResult> SizingErrors(Compartments& compartments, std::span<const std::byte> jpeg,
                                      const std::filesystem::path& folder);

}  // namespace bulkhead::bench
