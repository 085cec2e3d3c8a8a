// SPDX-License-Identifier: Apache-2.0
#include "yolo/masks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "yolo/resample.h"

namespace bulkhead::yolo {
namespace {

constexpr float kFloatMax = std::numeric_limits<float>::max();

// One axis of a detection: sizes, and what of them its box covers.
struct AxisBox {
  int prototype = 0;
  int input = 0;
  PixelRange box;  // of the input; empty where nobody asks whether the mask is
  int image = 0;
  PixelRange picture;
};

// One axis of the way from prototypes to input and picture, for one box.
struct AxisPlan {
  std::vector<Tap> box_taps;  // of the box in the input, from prototypes
  PixelRange plane;           // pixels of the MaskPlane that the picture needs
  std::vector<Tap> plane_taps;
  PixelRange picture;  // the picture's pixels inside the box
  std::vector<Tap> picture_taps;
  PixelRange prototype;  // cells that box_taps and plane_taps read
};

AxisPlan PlanAxis(const AxisBox& axis, const MaskAxis& plane) {
  AxisPlan plan;
  plan.box_taps = BilinearTaps(axis.box, axis.prototype, axis.input);
  plan.picture = axis.picture;
  plan.picture_taps = BilinearTaps(axis.picture, plane.content, axis.image);
  for (Tap& tap : plan.picture_taps) {
    tap.low += plane.begin;
    tap.high += plane.begin;
  }
  plan.plane = Footprint(plan.picture_taps);
  plan.plane_taps = BilinearTaps(plan.plane, axis.prototype, plane.size);
  plan.prototype = Hull(Footprint(plan.box_taps), Footprint(plan.plane_taps));
  return plan;
}

// nullopt when a logit is not finite.
std::optional<PlanePart> PrototypeLogits(const Prototypes& prototypes,
                                         std::span<const float> coefficients, PixelRange x,
                                         PixelRange y) {
  PlanePart logits(x, y);
  const auto width = static_cast<std::size_t>(prototypes.width);
  const std::size_t plane = width * static_cast<std::size_t>(prototypes.height);
  bool bad = false;
  for (int row = y.begin; row < y.end; ++row) {
    const std::span<float> out = logits.Row(row);
    const float* from = prototypes.values.data() + static_cast<std::size_t>(row) * width +
                        static_cast<std::size_t>(x.begin);
    for (std::size_t k = 0; k < coefficients.size(); ++k) {
      const float coefficient = coefficients[k];
      const float* values = from + k * plane;
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += coefficient * values[i];
    }
    for (const float logit : out) bad |= !(std::abs(logit) <= kFloatMax);
  }
  if (bad) return std::nullopt;
  return logits;
}

bool AnyObject(const PlanePart& logits, const AxisPlan& x, const AxisPlan& y) {
  bool found = false;
  Resample(logits, x.box_taps, y.box_taps, [&](std::size_t, std::span<const float> samples) {
    found = std::any_of(samples.begin(), samples.end(), [](float logit) { return logit > 0; });
    return !found;
  });
  return found;
}

// Probabilities, less a half so that objects stay positive: 1 / (1 + exp(-x)) - 1 / 2.
void ToProbabilities(PlanePart& logits) {
  for (float& value : logits.values) value = 0.5F * std::tanh(0.5F * value);
}

PlanePart ToPlane(const PlanePart& prototype_values, const AxisPlan& x, const AxisPlan& y) {
  PlanePart plane(x.plane, y.plane);
  Resample(prototype_values, x.plane_taps, y.plane_taps,
           [&](std::size_t i, std::span<const float> samples) {
             std::copy(samples.begin(), samples.end(),
                       plane.Row(y.plane.begin + static_cast<int>(i)).begin());
             return true;
           });
  return plane;
}

Mask ToPicture(const PlanePart& prototype_values, const AxisPlan& x, const AxisPlan& y) {
  Mask mask{.x = x.picture.begin, .y = y.picture.begin, .width = 0, .height = 0, .bits = {}};
  if (x.picture.empty() || y.picture.empty()) return mask;
  mask.width = x.picture.size();
  mask.height = y.picture.size();
  mask.bits.resize(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height));
  const PlanePart plane = ToPlane(prototype_values, x, y);
  Resample(plane, x.picture_taps, y.picture_taps,
           [&](std::size_t i, std::span<const float> samples) {
             uint8_t* out = mask.bits.data() + i * samples.size();
             for (std::size_t j = 0; j < samples.size(); ++j) {
               out[j] = static_cast<uint8_t>(samples[j] > 0);
             }
             return true;
           });
  return mask;
}

}  // namespace

base::Result<std::optional<Mask>> CutMask(const MaskFrame& frame, const MaskRequest& request) {
  const bool drops_empty = frame.head != HeadLayout::kAnchorBased;
  const Box& in = request.input_box;
  const Box& out = request.picture_box;
  const int width = drops_empty ? frame.letterbox.input_width : 0;
  const int height = drops_empty ? frame.letterbox.input_height : 0;
  const MaskPlane plane = PlaneOf(frame);
  const AxisPlan x = PlanAxis({.prototype = frame.prototypes.width,
                               .input = frame.letterbox.input_width,
                               .box = PixelsBetween(in.x1, in.x2, width),
                               .image = frame.image_width,
                               .picture = PixelsBetween(out.x1, out.x2, frame.image_width)},
                              plane.x);
  const AxisPlan y = PlanAxis({.prototype = frame.prototypes.height,
                               .input = frame.letterbox.input_height,
                               .box = PixelsBetween(in.y1, in.y2, height),
                               .image = frame.image_height,
                               .picture = PixelsBetween(out.y1, out.y2, frame.image_height)},
                              plane.y);
  if (drops_empty && (x.box_taps.empty() || y.box_taps.empty())) return std::optional<Mask>();
  if (x.prototype.empty() || y.prototype.empty()) {
    return std::optional<Mask>(Mask{.x = x.picture.begin, .y = y.picture.begin});
  }
  auto logits = PrototypeLogits(frame.prototypes, request.coefficients, x.prototype, y.prototype);
  if (!logits) {
    return base::PublicError(base::Code::kCorrupt,
                             "the model's output has a mask with a number that is not finite");
  }
  if (drops_empty && !AnyObject(*logits, x, y)) return std::optional<Mask>();
  if (frame.head == HeadLayout::kAnchorBased) ToProbabilities(*logits);
  return std::optional<Mask>(ToPicture(*logits, x, y));
}

}  // namespace bulkhead::yolo
