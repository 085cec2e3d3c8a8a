// SPDX-License-Identifier: Apache-2.0
#include "overhead.h"

#include <utility>
#include <vector>

#include "bare_jpeg.h"
#include "bare_onnxruntime.h"
#include "engine/onnxruntime_engine.h"
#include "paired_medians.h"
#include "require.h"
#include "worker/detector.h"

namespace bulkhead::bench {
namespace {

constexpr int kPairs = 101;

}  // namespace

BenchResult EngineOverhead(std::span<const std::byte> model) {
  const auto engine = Require(engine::OpenOnnxRuntimeEngine(model, {.threads = 1}));
  BareOnnxRuntime bare(model);
  const std::vector<std::byte> zeros(std::size_t{3} * 640 * 640 * sizeof(float));
  const base::TensorView input{base::ElementType::kFloat32, {1, 3, 640, 640}, zeros};
  return AtMost("engine-overhead", 1.02,
                MeasurePairs(kPairs, [&] { Require(engine->Run(input)); }, [&] { bare.Run(); }));
}

BenchResult PipelineOverhead(std::span<const std::byte> model, std::span<const std::byte> jpeg) {
  auto engine = Require(engine::OpenOnnxRuntimeEngine(model, {.threads = 1}));
  worker::Detector detector = Require(worker::Detector::Open(std::move(engine), {}));
  BareOnnxRuntime bare(model);
  BareJpeg decoder;
  return AtMost("pipeline-overhead", 1.05,
                MeasurePairs(
                    kPairs, [&] { Require(detector.Detect(jpeg, {})); },
                    [&] {
                      decoder.Decode(jpeg);
                      bare.Run();
                    }));
}

}  // namespace bulkhead::bench
