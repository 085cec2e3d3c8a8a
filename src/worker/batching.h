// SPDX-License-Identifier: Apache-2.0
// When waiting frames are run, and how many of them together. A rule without clock and threads.
#pragma once

#include <chrono>
#include <cstddef>

namespace bulkhead::worker {

struct BatchPolicy {
  // 1: no batching.
  std::size_t frames_max = 1;
  // How long the first frame may wait for more while others wait with it.
  std::chrono::nanoseconds wait{0};
};

// What is waiting. Times are points on one clock.
struct WaitingFrames {
  std::size_t count = 0;
  std::chrono::nanoseconds oldest_arrival{0};
  // The earliest deadline among them; zero: none has one.
  std::chrono::nanoseconds earliest_deadline{0};
  // No more will come.
  bool last = false;
};

struct BatchDecision {
  // Frames to run now; 0: wait for more, until `wait_until` at the latest.
  std::size_t run = 0;
  std::chrono::nanoseconds wait_until{0};
};

// A lone frame runs at once, so that a client that sends one after another loses nothing. Several
// that do not fill a batch wait for more, but not past a point from which the earliest deadline is
// nearer than the wait itself. With a count of 0 there is nothing to run and nothing to wait for.
BatchDecision DecideBatch(const WaitingFrames& waiting, const BatchPolicy& policy,
                          std::chrono::nanoseconds now);

}  // namespace bulkhead::worker
