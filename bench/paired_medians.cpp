// SPDX-License-Identifier: Apache-2.0
#include "paired_medians.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "median.h"

namespace bulkhead::bench {
namespace {

double TimeMs(const std::function<void()>& work, const std::function<void()>& clear) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  clear();
  return time.count();
}

}  // namespace

PairedMedians MeasurePairs(int pairs, const std::function<void()>& a,
                           const std::function<void()>& b) {
  return MeasurePairs(pairs, a, b, [] {});
}

PairedMedians MeasurePairs(int pairs, const std::function<void()>& a,
                           const std::function<void()>& b, const std::function<void()>& clear) {
  for (int i = 0; i < 3; ++i) {
    TimeMs(a, clear);
    TimeMs(b, clear);
  }
  std::vector<double> a_ms;
  std::vector<double> b_ms;
  std::vector<double> ratios;
  for (int i = 0; i < pairs; ++i) {
    const bool a_first = i % 2 == 0;
    const double first = TimeMs(a_first ? a : b, clear);
    const double second = TimeMs(a_first ? b : a, clear);
    a_ms.push_back(a_first ? first : second);
    b_ms.push_back(a_first ? second : first);
    ratios.push_back(a_ms.back() / b_ms.back());
  }
  return {Median(a_ms), Median(b_ms), Median(ratios)};
}

BenchResult AtMost(const char* name, double bar, const PairedMedians& medians) {
  return {name,
          medians.ratio,
          "x",
          bar,
          false,
          medians.ratio <= bar,
          fmt::format("{:.2f} ms against {:.2f} ms", medians.a_ms, medians.b_ms)};
}

}  // namespace bulkhead::bench
