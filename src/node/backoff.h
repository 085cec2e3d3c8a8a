// SPDX-License-Identifier: Apache-2.0
// When a worker that ended is started again, and when that is given up. Pure: time and chance are
// passed in.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <vector>

namespace bulkhead::node {

// A point on CLOCK_MONOTONIC (base/monotonic_clock.h).
using TimePoint = std::chrono::nanoseconds;

struct BackoffPolicy {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{60'000};
  // After a run this long the next wait is the first one again.
  std::chrono::milliseconds stable_after{60'000};
  // So many failures within the window, and the worker stays down until the operator acts.
  int failures_max = 8;
  std::chrono::milliseconds window{600'000};
};

// One worker's history.
struct Backoff {
  int doublings = 0;                // of the next wait
  std::vector<TimePoint> failures;  // within the window, oldest first
};

// Records a failure at `now` of a worker that had served for `ran` (zero when it never did), and
// says how long to wait before it is started again; nullopt: give up.
//
// The wait doubles from `first` to `longest`; half of it is fixed and half is chance, so that
// workers that failed together do not return together ("equal jitter": M. Brooker, Exponential
// Backoff And Jitter, AWS Architecture Blog, 2015).
std::optional<std::chrono::nanoseconds> NextWait(const BackoffPolicy& policy, TimePoint now,
                                                 std::chrono::nanoseconds ran,
                                                 std::mt19937_64& random, Backoff& backoff);

}  // namespace bulkhead::node
