// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "bench_result.h"

namespace bulkhead::bench {

struct PairedMedians {
  double a_ms = 0;
  double b_ms = 0;
  double ratio = 0;  // median of a/b pair by pair
};

// Runs a and b in turn, `pairs` times after three unmeasured ones, swapping who goes first, so that
// drift of the machine's speed meets both alike. Wall time.
PairedMedians MeasurePairs(int pairs, const std::function<void()>& a,
                           const std::function<void()>& b);

// The same for a and b that leave something behind: `clear` removes it, unmeasured, after each.
PairedMedians MeasurePairs(int pairs, const std::function<void()>& a,
                           const std::function<void()>& b, const std::function<void()>& clear);

// The ratio as a result that must be at most `bar`.
BenchResult AtMost(const char* name, double bar, const PairedMedians& medians);

}  // namespace bulkhead::bench
