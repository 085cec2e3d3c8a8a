// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "bench_result.h"

namespace bulkhead::bench {

// engine-overhead: Engine::Run against a bare ONNX Runtime loop on the same n-sized graph, one
// thread each. Floor: the network's own 8.7 GFLOPs; the wrapper adds one tensor header per run and
// no copy.
BenchResult EngineOverhead(std::span<const std::byte> model);

// pipeline-overhead: Detector::Detect from JPEG bytes to detections, against a full decode of the
// same JPEG with libjpeg-turbo plus a bare run of the same graph. Floor of the difference: reading
// the decoded picture's rows that the resize touches (a third of 6.2 MB for 1080p), writing the 4.9
// MB tensor, reading the 2.8 MB output.
BenchResult PipelineOverhead(std::span<const std::byte> model, std::span<const std::byte> jpeg);

}  // namespace bulkhead::bench
