// SPDX-License-Identifier: Apache-2.0
#include "yolo/resample.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace bulkhead::yolo {
namespace {

// A row of the input resampled along x; kept while rows of the output still need it.
struct ResampledRow {
  int row = -1;
  std::vector<float> values;
};

void ResampleAlongX(const PlanePart& part, int row, std::span<const Tap> taps, ResampledRow& out) {
  if (out.row == row) return;
  out.row = row;
  const float* values = part.Row(row).data() - part.x.begin;
  for (std::size_t i = 0; i < taps.size(); ++i) {
    const Tap& tap = taps[i];
    out.values[i] = (1.0F - tap.high_weight) * values[tap.low] + tap.high_weight * values[tap.high];
  }
}

}  // namespace

PixelRange PixelsBetween(float from, float to, int size) {
  const auto limit = static_cast<float>(size);
  return {static_cast<int>(std::ceil(std::clamp(from, 0.0F, limit))),
          static_cast<int>(std::ceil(std::clamp(to, 0.0F, limit)))};
}

PixelRange Hull(PixelRange a, PixelRange b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

std::vector<Tap> BilinearTaps(PixelRange range, int in, int out) {
  BH_CHECK(in > 0 && out > 0 && range.begin >= 0 && range.end <= out);
  std::vector<Tap> taps;
  if (range.empty()) return taps;
  taps.reserve(static_cast<std::size_t>(range.size()));
  const double scale = static_cast<double>(in) / out;
  for (int i = range.begin; i < range.end; ++i) {
    const double position = std::max((i + 0.5) * scale - 0.5, 0.0);
    const int low = std::min(static_cast<int>(position), in - 1);
    taps.push_back({low, std::min(low + 1, in - 1), static_cast<float>(position - low)});
  }
  return taps;
}

PixelRange Footprint(std::span<const Tap> taps) {
  if (taps.empty()) return {};
  return {taps.front().low, taps.back().high + 1};
}

PlanePart::PlanePart(PixelRange x_range, PixelRange y_range) : x(x_range), y(y_range) {
  BH_CHECK(!x.empty() && !y.empty());
  values.resize(static_cast<std::size_t>(x.size()) * static_cast<std::size_t>(y.size()));
}

std::span<const float> PlanePart::Row(int row) const {
  const auto width = static_cast<std::size_t>(x.size());
  return std::span<const float>(values).subspan(static_cast<std::size_t>(row - y.begin) * width,
                                                width);
}

std::span<float> PlanePart::Row(int row) {
  const auto width = static_cast<std::size_t>(x.size());
  return std::span<float>(values).subspan(static_cast<std::size_t>(row - y.begin) * width, width);
}

void Resample(const PlanePart& part, std::span<const Tap> taps_x, std::span<const Tap> taps_y,
              const std::function<bool(std::size_t, std::span<const float>)>& on_row) {
  ResampledRow low{-1, std::vector<float>(taps_x.size())};
  ResampledRow high{-1, std::vector<float>(taps_x.size())};
  std::vector<float> mixed(taps_x.size());
  for (std::size_t i = 0; i < taps_y.size(); ++i) {
    const Tap& tap = taps_y[i];
    if (tap.low == high.row) std::swap(low, high);
    ResampleAlongX(part, tap.low, taps_x, low);
    ResampleAlongX(part, tap.high, taps_x, high);
    const float weight = tap.high_weight;
    const float* a = low.values.data();
    const float* b = high.values.data();
    float* out = mixed.data();
    for (std::size_t x = 0; x < mixed.size(); ++x) out[x] = (1.0F - weight) * a[x] + weight * b[x];
    if (!on_row(i, mixed)) return;
  }
}

}  // namespace bulkhead::yolo
