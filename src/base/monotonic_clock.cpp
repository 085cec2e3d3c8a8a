// SPDX-License-Identifier: Apache-2.0
#include "base/monotonic_clock.h"

#include <ctime>

#include "base/check.h"

namespace bulkhead::base {

std::chrono::nanoseconds MonotonicNow() {
  timespec now{};
  BH_CHECK(::clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace bulkhead::base
