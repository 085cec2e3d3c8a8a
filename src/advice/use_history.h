// SPDX-License-Identifier: Apache-2.0
// How much a deployment used what it was given, hour by hour.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bulkhead::advice {

// Shares of time, 0..1, counted in steps of 1/50.
class ShareCounts {
 public:
  static constexpr std::size_t kSteps = 50;

  // A share outside of 0..1 counts as the nearer end.
  void Add(double share);
  void Add(const ShareCounts& other);
  [[nodiscard]] uint64_t count() const { return count_; }
  // The least share that at least `part` (0..1) of what was counted does not exceed, rounded up to
  // a step; 0 when nothing was counted.
  [[nodiscard]] double Quantile(double part) const;
  [[nodiscard]] const std::array<uint32_t, kSteps + 1>& steps() const { return steps_; }
  static ShareCounts Of(const std::array<uint32_t, kSteps + 1>& steps);

  friend bool operator==(const ShareCounts&, const ShareCounts&) = default;

 private:
  // A count that is full stays so.
  void Count(std::size_t step, uint32_t times);

  std::array<uint32_t, kSteps + 1> steps_{};
  uint64_t count_ = 0;
};

// One hour of one deployment on one partition.
struct HourOfUse {
  int64_t hour = 0;  // since 1970, UTC
  ShareCounts engine_active;
  ShareCounts dram_active;
  double memory_used_max_mib = 0;
  uint64_t frames = 0;
  std::optional<double> p99_ms;  // of its requests; nullopt: none
};

// Of all those hours: what advice is founded on and shows.
struct Evidence {
  std::size_t hours = 0;
  uint64_t readings = 0;  // of engine_active or of dram_active, whichever are fewer
  double engine_p95 = 0;  // share of time
  double dram_p95 = 0;    // share of time
  double memory_max_mib = 0;
  uint64_t frames = 0;
  std::optional<double> p99_ms;  // of the worst hour
};
Evidence SumUp(std::span<const HourOfUse> hours);

}  // namespace bulkhead::advice
