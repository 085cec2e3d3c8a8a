// SPDX-License-Identifier: Apache-2.0
// The floor of a frame through a worker: the picture is copied into the socket and out of it, 0.3
// MB each, four system calls and two switches between processes; under 0.2 ms. The floor of a
// start: a program of 20 shared libraries is loaded (the runtime alone has 25 MB), 25 mounts are
// made, and the picture of the kernel about both; then the same work as the bare session.
#include "sandbox_overhead.h"

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "bare_onnxruntime.h"
#include "engine/onnxruntime_engine.h"
#include "paired_medians.h"
#include "require.h"
#include "worker/detector.h"

namespace bulkhead::bench {
namespace {

constexpr int kFramePairs = 201;
constexpr int kStartPairs = 61;
constexpr std::chrono::seconds kFrameTimeout{30};

}  // namespace

BenchResult SandboxOverhead(Compartments& compartments, std::span<const std::byte> model,
                            std::span<const std::byte> jpeg) {
  BenchWorker worker(compartments, model, {.name = "overhead", .cpus = {0}});
  auto engine = Require(engine::OpenOnnxRuntimeEngine(model, {.threads = 1}));
  worker::Detector detector = Require(worker::Detector::Open(std::move(engine), {}));
  return AtMost("sandbox-overhead", 1.02,
                MeasurePairs(
                    kFramePairs, [&] { Require(worker.client().Detect(jpeg, {}, kFrameTimeout)); },
                    [&] { Require(detector.Detect(jpeg, {})); }));
}

BenchResult StartRatio(Compartments& compartments, std::span<const std::byte> model) {
  int started = 0;
  base::UniqueFd weights = WeightsOf(model);
  std::optional<BenchWorker> worker;
  std::optional<BareOnnxRuntime> bare;
  return AtMost("start-ratio", 1.3,
                MeasurePairs(
                    kStartPairs,
                    [&] {
                      const BenchWorkerOptions options{.name = fmt::format("start-{}", ++started),
                                                       .cpus = {0}};
                      worker.emplace(compartments, std::move(weights), options);
                    },
                    [&] {
                      bare.emplace(model);
                      bare->Run();
                    },
                    [&] {
                      worker.reset();
                      bare.reset();
                      if (!weights.valid()) weights = WeightsOf(model);
                    }));
}

}  // namespace bulkhead::bench
