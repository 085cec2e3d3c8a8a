// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "bench_result.h"
#include "bench_worker.h"

namespace bulkhead::bench {

// A 1080p picture through a sandboxed worker over its socket, against the same pipeline in this
// process: median of the ratios pair by pair. One thread and the same core each.
BenchResult SandboxOverhead(Compartments& compartments, std::span<const std::byte> model,
                            std::span<const std::byte> jpeg);

// From the launch of a worker until it is READY, against creating a bare ONNX Runtime session of
// the same model and running it once.
BenchResult StartRatio(Compartments& compartments, std::span<const std::byte> model);

}  // namespace bulkhead::bench
