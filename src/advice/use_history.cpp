// SPDX-License-Identifier: Apache-2.0
#include "advice/use_history.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bulkhead::advice {
namespace {

constexpr double kPart = 0.95;

}  // namespace

void ShareCounts::Count(std::size_t step, uint32_t times) {
  const uint32_t room = std::numeric_limits<uint32_t>::max() - steps_[step];
  steps_[step] += std::min(times, room);
  count_ += std::min(times, room);
}

void ShareCounts::Add(double share) {
  // std::max first: it turns a NaN into 0.
  const double bounded = std::min(std::max(0.0, share), 1.0);
  Count(static_cast<std::size_t>(std::ceil(bounded * static_cast<double>(kSteps))), 1);
}

void ShareCounts::Add(const ShareCounts& other) {
  for (std::size_t step = 0; step < steps_.size(); ++step) Count(step, other.steps_[step]);
}

ShareCounts ShareCounts::Of(const std::array<uint32_t, kSteps + 1>& steps) {
  ShareCounts counts;
  counts.steps_ = steps;
  for (const uint32_t step : steps) counts.count_ += step;
  return counts;
}

double ShareCounts::Quantile(double part) const {
  const double wanted = part * static_cast<double>(count_);
  uint64_t below = 0;
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    below += steps_[step];
    if (below > 0 && static_cast<double>(below) >= wanted) {
      return static_cast<double>(step) / static_cast<double>(kSteps);
    }
  }
  return 0;
}

Evidence SumUp(std::span<const HourOfUse> hours) {
  Evidence sum{.hours = hours.size()};
  ShareCounts engine;
  ShareCounts dram;
  for (const HourOfUse& hour : hours) {
    engine.Add(hour.engine_active);
    dram.Add(hour.dram_active);
    sum.memory_max_mib = std::max(sum.memory_max_mib, hour.memory_used_max_mib);
    sum.frames += hour.frames;
    if (hour.p99_ms) sum.p99_ms = std::max(sum.p99_ms.value_or(0), *hour.p99_ms);
  }
  sum.readings = std::min(engine.count(), dram.count());
  sum.engine_p95 = engine.Quantile(kPart);
  sum.dram_p95 = dram.Quantile(kPart);
  return sum;
}

}  // namespace bulkhead::advice
