// SPDX-License-Identifier: Apache-2.0
// Bilinear resampling of a part of a plane, with the sample positions of half-pixel centres
// (align_corners = false): position = (index + 0.5) * in / out - 0.5, not before the first sample
// and not after the last.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace bulkhead::yolo {

// A half-open range of pixels.
struct PixelRange {
  int begin = 0;
  int end = 0;

  [[nodiscard]] int size() const { return end - begin; }
  [[nodiscard]] bool empty() const { return end <= begin; }
};

// The pixels i with from <= i < to inside [0, size). Any float is allowed but NaN.
PixelRange PixelsBetween(float from, float to, int size);

// The smallest range that holds both; an empty one adds nothing.
PixelRange Hull(PixelRange a, PixelRange b);

// The two input samples of one output sample.
struct Tap {
  int low = 0;
  int high = 0;
  float high_weight = 0;
};

// Taps for the output samples of `range`, of an axis of `in` samples that becomes one of `out`.
// `range` must lie inside [0, out).
std::vector<Tap> BilinearTaps(PixelRange range, int in, int out);

// The input samples that taps read.
PixelRange Footprint(std::span<const Tap> taps);

// The part of a plane that lies in [y] x [x], row-major.
struct PlanePart {
  PixelRange x;
  PixelRange y;
  std::vector<float> values;

  PlanePart(PixelRange x_range, PixelRange y_range);
  [[nodiscard]] std::span<const float> Row(int row) const;
  [[nodiscard]] std::span<float> Row(int row);
};

// Calls on_row(i, samples) for each tap i of taps_y, in order, with one sample per tap of taps_x,
// until it returns false. The part must hold every sample that the taps read.
void Resample(const PlanePart& part, std::span<const Tap> taps_x, std::span<const Tap> taps_y,
              const std::function<bool(std::size_t, std::span<const float>)>& on_row);

}  // namespace bulkhead::yolo
