// SPDX-License-Identifier: Apache-2.0
#include "planner/cpu_sizing.h"

#include <algorithm>

#include "planner/cpu_cost.h"
#include "planner/saturating.h"
#include "planner/sizing.h"

namespace bulkhead::planner {
namespace {

constexpr uint64_t kParameterBytes = 4;
constexpr uint64_t kGib = uint64_t{1} << 30;
constexpr uint64_t kHalfGib = kGib / 2;
// What predictions were wrong by at most: a tenth.
constexpr uint64_t kMarginPart = 10;

}  // namespace

CpuSize SizeForCpu(uint64_t file_bytes) {
  const uint64_t parameters = file_bytes / kParameterBytes;
  CpuSize size{1, 1};
  if (parameters > kSmallestSizeParametersMax) size = {2, 2};
  if (parameters > kSmallSizeParametersMax) size.memory_gib = 3;
  // Twice the file in whole GiB: its halves.
  size.memory_gib += file_bytes / kHalfGib;
  // A large file takes more while it is read.
  SizingInput read;
  read.weights_bytes = file_bytes;
  const uint64_t reading = PredictCpuMemory(read).reading_bytes;
  const uint64_t with_margin = AddSaturated(reading, reading / kMarginPart);
  size.memory_gib = std::max(size.memory_gib, with_margin / kGib + 1);
  return size;
}

}  // namespace bulkhead::planner
