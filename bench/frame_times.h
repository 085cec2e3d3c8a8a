// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace bulkhead::bench {

using Frame = std::function<void()>;

// The times of one frame in ms, alone and beside a neighbour.
struct FrameTimes {
  std::vector<double> alone;
  std::vector<double> beside;
};

constexpr int kFramesPerBlock = 40;

inline void TimeBlock(const Frame& frame, std::vector<double>& times_ms) {
  for (int i = 0; i < kFramesPerBlock; ++i) {
    const auto start = std::chrono::steady_clock::now();
    frame();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    times_ms.push_back(time.count());
  }
}

inline double P99(std::vector<double>& times_ms) {
  const auto at = times_ms.begin() + static_cast<std::ptrdiff_t>(times_ms.size() * 99 / 100);
  std::nth_element(times_ms.begin(), at, times_ms.end());
  return *at;
}

}  // namespace bulkhead::bench
