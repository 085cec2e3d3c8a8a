// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "bench_result.h"
#include "bench_worker.h"

namespace bulkhead::bench {

// p99 of a worker on its own core while a neighbour on another burns, allocates, forks, crashes in
// a loop or floods its client, each against p99 of the same worker alone: all of them, or those
// that are `named`. Needs two cores; throws on fewer.
std::vector<BenchResult> Containment(Compartments& compartments, std::span<const std::byte> model,
                                     std::span<const std::byte> jpeg,
                                     std::span<const std::string> named = {});

}  // namespace bulkhead::bench
