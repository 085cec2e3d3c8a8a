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

// One axis of the way prototype -> input -> picture, for one box.
struct AxisPlan {
  PixelRange box;                   // input pixels inside the box
  PixelRange input;                 // input pixels that are computed
  std::vector<Tap> prototype_taps;  // of `input`
  PixelRange picture;               // picture pixels inside the box
  std::vector<Tap> input_taps;      // of `picture`
};

struct AxisSizes {
  int prototype = 0;
  int input = 0;
  int pad = 0;
  int content = 0;
  int picture = 0;
};

AxisPlan PlanAxis(PixelRange box, PixelRange picture, const AxisSizes& sizes) {
  BH_CHECK(sizes.pad >= 0 && sizes.content > 0 && sizes.content <= sizes.input - sizes.pad);
  AxisPlan plan{.box = box,
                .input = {},
                .prototype_taps = {},
                .picture = picture,
                .input_taps = BilinearTaps(picture, sizes.content, sizes.picture)};
  for (Tap& tap : plan.input_taps) {
    tap.low += sizes.pad;
    tap.high += sizes.pad;
  }
  plan.input = Hull(box, Footprint(plan.input_taps));
  plan.prototype_taps = BilinearTaps(plan.input, sizes.prototype, sizes.input);
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

bool AnyObject(const PlanePart& logits, PixelRange x, PixelRange y) {
  for (int row = y.begin; row < y.end; ++row) {
    const auto inside = logits.Row(row).subspan(static_cast<std::size_t>(x.begin - logits.x.begin),
                                                static_cast<std::size_t>(x.size()));
    if (std::any_of(inside.begin(), inside.end(), [](float logit) { return logit > 0; })) {
      return true;
    }
  }
  return false;
}

PlanePart ToInput(const PlanePart& prototype_logits, const AxisPlan& x, const AxisPlan& y) {
  PlanePart logits(x.input, y.input);
  Resample(prototype_logits, x.prototype_taps, y.prototype_taps,
           [&](std::size_t i, std::span<const float> samples) {
             std::copy(samples.begin(), samples.end(),
                       logits.Row(y.input.begin + static_cast<int>(i)).begin());
           });
  return logits;
}

Mask ToPicture(const PlanePart& input_logits, const AxisPlan& x, const AxisPlan& y) {
  Mask mask{.x = x.picture.begin, .y = y.picture.begin, .width = 0, .height = 0, .bits = {}};
  if (x.picture.empty() || y.picture.empty()) return mask;
  mask.width = x.picture.size();
  mask.height = y.picture.size();
  mask.bits.resize(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height));
  Resample(input_logits, x.input_taps, y.input_taps,
           [&](std::size_t i, std::span<const float> samples) {
             uint8_t* out = mask.bits.data() + i * samples.size();
             for (std::size_t j = 0; j < samples.size(); ++j) {
               out[j] = static_cast<uint8_t>(samples[j] > 0);
             }
           });
  return mask;
}

}  // namespace

base::Result<std::optional<Mask>> CutMask(const Prototypes& prototypes, const MaskRequest& request,
                                          const Letterbox& letterbox, int image_width,
                                          int image_height) {
  const Box& in = request.input_box;
  const Box& out = request.picture_box;
  const AxisPlan x = PlanAxis(PixelsBetween(in.x1, in.x2, letterbox.input_width),
                              PixelsBetween(out.x1, out.x2, image_width),
                              {.prototype = prototypes.width,
                               .input = letterbox.input_width,
                               .pad = letterbox.pad_left,
                               .content = letterbox.content_width,
                               .picture = image_width});
  const AxisPlan y = PlanAxis(PixelsBetween(in.y1, in.y2, letterbox.input_height),
                              PixelsBetween(out.y1, out.y2, image_height),
                              {.prototype = prototypes.height,
                               .input = letterbox.input_height,
                               .pad = letterbox.pad_top,
                               .content = letterbox.content_height,
                               .picture = image_height});
  if (x.box.empty() || y.box.empty()) return std::optional<Mask>();
  const auto prototype_logits = PrototypeLogits(
      prototypes, request.coefficients, Footprint(x.prototype_taps), Footprint(y.prototype_taps));
  if (!prototype_logits) {
    return base::PublicError(base::Code::kCorrupt,
                             "the model's output has a mask with a number that is not finite");
  }
  const PlanePart input_logits = ToInput(*prototype_logits, x, y);
  if (!AnyObject(input_logits, x.box, y.box)) return std::optional<Mask>();
  return std::optional<Mask>(ToPicture(input_logits, x, y));
}

}  // namespace bulkhead::yolo
