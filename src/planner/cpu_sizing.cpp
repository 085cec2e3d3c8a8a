// SPDX-License-Identifier: Apache-2.0
#include "planner/cpu_sizing.h"

#include "planner/sizing.h"

namespace bulkhead::planner {
namespace {

constexpr uint64_t kParameterBytes = 4;
constexpr uint64_t kHalfGib = uint64_t{1} << 29;

}  // namespace

CpuSize SizeForCpu(uint64_t file_bytes) {
  const uint64_t parameters = file_bytes / kParameterBytes;
  CpuSize size{1, 1};
  if (parameters > kSmallestSizeParametersMax) size = {2, 2};
  if (parameters > kSmallSizeParametersMax) size.memory_gib = 3;
  // Twice the file in whole GiB: its halves.
  size.memory_gib += file_bytes / kHalfGib;
  return size;
}

}  // namespace bulkhead::planner
