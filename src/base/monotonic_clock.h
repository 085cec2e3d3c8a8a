// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace bulkhead::base {

// CLOCK_MONOTONIC, which all processes of a machine share, as a time since its own zero.
std::chrono::nanoseconds MonotonicNow();

}  // namespace bulkhead::base
