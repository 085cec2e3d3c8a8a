// SPDX-License-Identifier: Apache-2.0
// Where a picture lies in the network's input. Sizes and pads are rounded exactly as the exporter
// rounds them (half to even), because a model was trained and is validated with those positions:
// one pixel of difference moves every box.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "yolo/letterbox.h"

namespace bulkhead::yolo {
namespace {

// Python's round(): the processor's default rounding, which nothing here changes.
int RoundHalfEven(double value) { return static_cast<int>(std::nearbyint(value)); }

int RoundUpToMultiple(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct Axis {
  int input = 0;
  int content = 0;
  int pad = 0;
};

// `fixed`: the size the graph demands. Without it the input shrinks to the smallest size that holds
// the content and differs from the default size by whole strides.
Axis PlanAxis(int picture, double gain, int target, bool fixed, int stride) {
  Axis axis;
  axis.content = std::max(RoundHalfEven(picture * gain), 1);
  int slack = target - axis.content;
  if (!fixed) slack %= stride;
  axis.input = axis.content + slack;
  axis.pad = RoundHalfEven(slack / 2.0 - 0.1);
  return axis;
}

Letterbox PlanPadded(int image_width, int image_height, const ModelSpec& spec) {
  const int target_width =
      spec.input.width.value_or(RoundUpToMultiple(spec.default_width, spec.stride));
  const int target_height =
      spec.input.height.value_or(RoundUpToMultiple(spec.default_height, spec.stride));
  const double gain = std::min(static_cast<double>(target_height) / image_height,
                               static_cast<double>(target_width) / image_width);
  const Axis x =
      PlanAxis(image_width, gain, target_width, spec.input.width.has_value(), spec.stride);
  const Axis y =
      PlanAxis(image_height, gain, target_height, spec.input.height.has_value(), spec.stride);
  return {.input_width = x.input,
          .input_height = y.input,
          .content_width = x.content,
          .content_height = y.content,
          .pad_left = x.pad,
          .pad_top = y.pad,
          .gain = gain};
}

// torchvision's Resize(size): the longer side is truncated, not rounded.
int ResizedLongSide(int size, int long_side, int short_side) {
  const double product = static_cast<double>(size) * long_side;
  const double resized = product / short_side;
  return static_cast<int>(std::min(resized, static_cast<double>(std::numeric_limits<int>::max())));
}

// torchvision's CenterCrop: the crop's start inside the content, as a pad that is never positive.
int CropPad(int content, int input) { return -RoundHalfEven((content - input) / 2.0); }

// A square input keeps the picture's proportions; any other is stretched to, as the exporter does.
Letterbox PlanCropped(int image_width, int image_height, const ModelSpec& spec) {
  Letterbox plan;
  plan.input_width = spec.input.width.value_or(spec.default_width);
  plan.input_height = spec.input.height.value_or(spec.default_height);
  plan.content_width = plan.input_width;
  plan.content_height = plan.input_height;
  if (plan.input_width == plan.input_height) {
    if (image_width <= image_height) {
      plan.content_height = ResizedLongSide(plan.input_width, image_height, image_width);
    } else {
      plan.content_width = ResizedLongSide(plan.input_height, image_width, image_height);
    }
  }
  plan.pad_left = CropPad(plan.content_width, plan.input_width);
  plan.pad_top = CropPad(plan.content_height, plan.input_height);
  plan.gain = std::max(static_cast<double>(plan.input_width) / image_width,
                       static_cast<double>(plan.input_height) / image_height);
  return plan;
}

}  // namespace

Letterbox PlanLetterbox(int image_width, int image_height, const ModelSpec& spec) {
  BH_CHECK(image_width > 0 && image_height > 0);
  BH_CHECK(spec.stride > 0);
  return spec.task == Task::kClassify ? PlanCropped(image_width, image_height, spec)
                                      : PlanPadded(image_width, image_height, spec);
}

}  // namespace bulkhead::yolo
