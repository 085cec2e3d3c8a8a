// SPDX-License-Identifier: Apache-2.0
// Sums and products of sizes that end at the largest number instead of beginning again.
#pragma once

#include <cstdint>
#include <limits>

#include "base/checked_math.h"

namespace bulkhead::planner {

inline uint64_t AddSaturated(uint64_t a, uint64_t b) {
  return base::CheckedAdd(a, b).value_or(std::numeric_limits<uint64_t>::max());
}

inline uint64_t MultiplySaturated(uint64_t a, uint64_t b) {
  return base::CheckedMul(a, b).value_or(std::numeric_limits<uint64_t>::max());
}

}  // namespace bulkhead::planner
