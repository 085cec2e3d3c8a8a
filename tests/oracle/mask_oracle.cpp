// SPDX-License-Identifier: Apache-2.0
#include "oracle/mask_oracle.h"

#include <algorithm>
#include <cmath>

namespace bulkhead::oracle {
namespace {

std::size_t At(int x, int y, int width) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
         static_cast<std::size_t>(x);
}

// The value at (x, y) of a width x height plane, bilinear between sample centres, edges repeated.
double Sample(const std::vector<double>& plane, int width, int height, double x, double y) {
  x = std::clamp(x, 0.0, width - 1.0);
  y = std::clamp(y, 0.0, height - 1.0);
  const int x0 = std::min(static_cast<int>(x), width - 1);
  const int y0 = std::min(static_cast<int>(y), height - 1);
  const int x1 = std::min(x0 + 1, width - 1);
  const int y1 = std::min(y0 + 1, height - 1);
  const double wx = x - x0;
  const double wy = y - y0;
  return (1 - wx) * (1 - wy) * plane[At(x0, y0, width)] + wx * (1 - wy) * plane[At(x1, y0, width)] +
         (1 - wx) * wy * plane[At(x0, y1, width)] + wx * wy * plane[At(x1, y1, width)];
}

std::vector<double> Resize(const std::vector<double>& plane, int width, int height, int new_width,
                           int new_height) {
  std::vector<double> out;
  for (int y = 0; y < new_height; ++y) {
    for (int x = 0; x < new_width; ++x) {
      out.push_back(Sample(plane, width, height, (x + 0.5) * width / new_width - 0.5,
                           (y + 0.5) * height / new_height - 0.5));
    }
  }
  return out;
}

}  // namespace

MaskLogits::MaskLogits(const std::vector<int64_t>& dims, const std::vector<float>& prototypes,
                       const std::vector<double>& coefficients, const yolo::Letterbox& letterbox)
    : letterbox_(letterbox) {
  const int height = static_cast<int>(dims[1]);
  const int width = static_cast<int>(dims[2]);
  const std::size_t plane = At(0, height, width);
  std::vector<double> logits(plane, 0.0);
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    for (std::size_t i = 0; i < plane; ++i) {
      logits[i] += coefficients[k] * prototypes[k * plane + i];
    }
  }
  input_ = Resize(logits, width, height, letterbox.input_width, letterbox.input_height);
}

bool MaskLogits::AnyPositive(const double (&box)[4]) const {
  for (int y = 0; y < letterbox_.input_height; ++y) {
    for (int x = 0; x < letterbox_.input_width; ++x) {
      const bool inside = x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
      if (inside && input_[At(x, y, letterbox_.input_width)] > 0) return true;
    }
  }
  return false;
}

yolo::Mask MaskLogits::Cut(const yolo::Box& box, int image_width, int image_height) const {
  std::vector<double> content;
  for (int y = 0; y < letterbox_.content_height; ++y) {
    for (int x = 0; x < letterbox_.content_width; ++x) {
      content.push_back(
          input_[At(x + letterbox_.pad_left, y + letterbox_.pad_top, letterbox_.input_width)]);
    }
  }
  const auto picture = Resize(content, letterbox_.content_width, letterbox_.content_height,
                              image_width, image_height);
  yolo::Mask mask;
  mask.x = static_cast<int>(std::ceil(box.x1));
  mask.y = static_cast<int>(std::ceil(box.y1));
  mask.width = std::max(0, static_cast<int>(std::ceil(box.x2)) - mask.x);
  mask.height = std::max(0, static_cast<int>(std::ceil(box.y2)) - mask.y);
  if (mask.width == 0 || mask.height == 0) mask.width = mask.height = 0;
  for (int y = mask.y; y < mask.y + mask.height; ++y) {
    for (int x = mask.x; x < mask.x + mask.width; ++x) {
      mask.bits.push_back(picture[At(x, y, image_width)] > 0 ? 1 : 0);
    }
  }
  return mask;
}

}  // namespace bulkhead::oracle
