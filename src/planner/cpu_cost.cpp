// SPDX-License-Identifier: Apache-2.0
#include "planner/cpu_cost.h"

#include "planner/saturating.h"

namespace bulkhead::planner {
namespace {

// All measured with ONNX Runtime 1.30 on one machine, as docs/sizing.md says.
constexpr uint64_t kBeforeReadingBytes = 27'000'000;
constexpr uint64_t kServingBytes = 41'000'000;

}  // namespace

CpuMemory PredictCpuMemory(const SizingInput& input) {
  CpuMemory memory;
  // 3.85 as 77 / 20, and 2.5 as 5 / 2.
  memory.reading_bytes =
      AddSaturated(kBeforeReadingBytes, MultiplySaturated(input.weights_bytes / 20, 77));
  memory.serving_bytes = AddSaturated(
      AddSaturated(kServingBytes, AddSaturated(input.weights_bytes, input.input_bytes)),
      MultiplySaturated(input.peak_activation_bytes / 2, 5));
  return memory;
}

std::optional<CpuSpeed> MeasuredSpeed(const SizingInput& measured, double seconds) {
  if (!(seconds > 0) || !(measured.flops > 0)) return std::nullopt;
  return CpuSpeed{measured.flops / seconds};
}

double PredictCpuSeconds(const SizingInput& input, const CpuSpeed& speed) {
  return input.flops / speed.flops_per_second;
}

}  // namespace bulkhead::planner
