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

// Where the picture lies in a plane.
struct Content {
  int left, top, width, height;
};

std::vector<double> Crop(const std::vector<double>& plane, int width, const Content& content) {
  std::vector<double> out;
  for (int y = content.top; y < content.top + content.height; ++y) {
    for (int x = content.left; x < content.left + content.width; ++x) {
      out.push_back(plane[At(x, y, width)]);
    }
  }
  return out;
}

// How many times finer than the prototypes: 1, 2 or 4.
int Fineness(const yolo::Letterbox& letterbox) {
  for (const int cell : {4, 2}) {
    const int pads = 2 * cell;
    if ((letterbox.input_width - letterbox.content_width) % pads == 0 &&
        (letterbox.input_height - letterbox.content_height) % pads == 0) {
      return 4 / cell;
    }
  }
  return 4;
}

}  // namespace

MaskLogits::MaskLogits(const std::vector<int64_t>& dims, const std::vector<float>& prototypes,
                       const std::vector<double>& coefficients, const yolo::Letterbox& letterbox)
    : letterbox_(letterbox), width_(static_cast<int>(dims[2])), height_(static_cast<int>(dims[1])) {
  const std::size_t plane = At(0, height_, width_);
  logits_.assign(plane, 0.0);
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    for (std::size_t i = 0; i < plane; ++i) {
      logits_[i] += coefficients[k] * prototypes[k * plane + i];
    }
  }
}

bool MaskLogits::AnyPositive(const double (&box)[4]) const {
  const auto input =
      Resize(logits_, width_, height_, letterbox_.input_width, letterbox_.input_height);
  for (int y = 0; y < letterbox_.input_height; ++y) {
    for (int x = 0; x < letterbox_.input_width; ++x) {
      const bool inside = x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
      if (inside && input[At(x, y, letterbox_.input_width)] > 0) return true;
    }
  }
  return false;
}

yolo::Mask MaskLogits::Cut(const yolo::Box& box, int image_width, int image_height,
                           bool yolov5) const {
  std::vector<double> plane = logits_;
  int width = width_;
  int height = height_;
  Content content{};
  double threshold = 0;
  if (yolov5) {
    const double gain = std::min(1.0 * width / image_width, 1.0 * height / image_height);
    const double pad_x = (width - image_width * gain) / 2;
    const double pad_y = (height - image_height * gain) / 2;
    content.left = static_cast<int>(pad_x);
    content.top = static_cast<int>(pad_y);
    content.width = static_cast<int>(width - pad_x) - content.left;
    content.height = static_cast<int>(height - pad_y) - content.top;
    for (double& value : plane) value = 1 / (1 + std::exp(-value));
    threshold = 0.5;
  } else {
    const int fineness = Fineness(letterbox_);
    width *= fineness;
    height *= fineness;
    plane = Resize(logits_, width_, height_, width, height);
    content = {letterbox_.pad_left * fineness / 4, letterbox_.pad_top * fineness / 4,
               letterbox_.content_width * fineness / 4, letterbox_.content_height * fineness / 4};
  }
  const auto picture =
      Resize(Crop(plane, width, content), content.width, content.height, image_width, image_height);
  yolo::Mask mask;
  mask.x = static_cast<int>(std::ceil(box.x1));
  mask.y = static_cast<int>(std::ceil(box.y1));
  mask.width = std::max(0, static_cast<int>(std::ceil(box.x2)) - mask.x);
  mask.height = std::max(0, static_cast<int>(std::ceil(box.y2)) - mask.y);
  if (mask.width == 0 || mask.height == 0) mask.width = mask.height = 0;
  for (int y = mask.y; y < mask.y + mask.height; ++y) {
    for (int x = mask.x; x < mask.x + mask.width; ++x) {
      mask.bits.push_back(picture[At(x, y, image_width)] > threshold ? 1 : 0);
    }
  }
  return mask;
}

}  // namespace bulkhead::oracle
