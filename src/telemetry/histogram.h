// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace bulkhead::telemetry {

// Upper bounds in seconds, from the time that a record takes to become durable to a request that
// waited for long; a last bucket without a bound follows.
inline constexpr std::array<double, 16> kSecondsBounds{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};

// How often times fell between the bounds. One thread.
struct Histogram {
  std::array<uint64_t, kSecondsBounds.size() + 1> counts{};
  double sum_seconds = 0;

  void Observe(std::chrono::nanoseconds time);
  void Add(const Histogram& other);
  // What came since `before`, an earlier state of this one.
  [[nodiscard]] Histogram Since(const Histogram& before) const;
  [[nodiscard]] uint64_t total() const;
  // The bound below which `share` (0..1) of the times fell; 0 when there were none. The last bound
  // for those above it.
  [[nodiscard]] double QuantileSeconds(double share) const;
};

}  // namespace bulkhead::telemetry
