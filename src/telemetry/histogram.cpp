// SPDX-License-Identifier: Apache-2.0
#include "telemetry/histogram.h"

#include <algorithm>
#include <numeric>

namespace bulkhead::telemetry {

void Histogram::Observe(std::chrono::nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  const auto* bound = std::lower_bound(kSecondsBounds.begin(), kSecondsBounds.end(), seconds);
  ++counts[static_cast<std::size_t>(bound - kSecondsBounds.begin())];
  sum_seconds += seconds;
}

void Histogram::Add(const Histogram& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum_seconds += other.sum_seconds;
}

Histogram Histogram::Since(const Histogram& before) const {
  Histogram since;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    since.counts[i] = counts[i] - std::min(counts[i], before.counts[i]);
  }
  since.sum_seconds = std::max(0.0, sum_seconds - before.sum_seconds);
  return since;
}

uint64_t Histogram::total() const {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

double Histogram::QuantileSeconds(double share) const {
  const uint64_t all = total();
  if (all == 0) return 0;
  uint64_t below = 0;
  for (std::size_t i = 0; i < kSecondsBounds.size(); ++i) {
    below += counts[i];
    if (static_cast<double>(below) >= share * static_cast<double>(all)) return kSecondsBounds[i];
  }
  return kSecondsBounds.back();
}

}  // namespace bulkhead::telemetry
