// SPDX-License-Identifier: Apache-2.0
#include "yolo/mask_plane.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace bulkhead::yolo {
namespace {

MaskAxis UltralyticsAxis(int input, int pad, int content, int divisor) {
  BH_CHECK(pad >= 0 && content > 0 && content <= input - pad);
  return {.size = input / divisor, .begin = pad / divisor, .content = content / divisor};
}

MaskPlane UltralyticsPlane(const Prototypes& prototypes, const Letterbox& letterbox) {
  const bool quarters = prototypes.width * 4 == letterbox.input_width &&
                        prototypes.height * 4 == letterbox.input_height;
  const int divisor = quarters ? std::gcd(4, letterbox.pad_left | letterbox.pad_top |
                                                 letterbox.content_width | letterbox.content_height)
                               : 1;
  return {
      UltralyticsAxis(letterbox.input_width, letterbox.pad_left, letterbox.content_width, divisor),
      UltralyticsAxis(letterbox.input_height, letterbox.pad_top, letterbox.content_height,
                      divisor)};
}

MaskAxis Yolov5Axis(int prototype, int picture, double gain) {
  const double pad = std::max((prototype - picture * gain) / 2, 0.0);
  const int begin = std::min(static_cast<int>(pad), prototype - 1);
  return {.size = prototype,
          .begin = begin,
          .content = std::max(static_cast<int>(prototype - pad) - begin, 1)};
}

}  // namespace

MaskPlane PlaneOf(const MaskFrame& frame) {
  const Prototypes& prototypes = frame.prototypes;
  if (frame.head != HeadLayout::kAnchorBased) return UltralyticsPlane(prototypes, frame.letterbox);
  const double gain = std::min(static_cast<double>(prototypes.height) / frame.image_height,
                               static_cast<double>(prototypes.width) / frame.image_width);
  return {Yolov5Axis(prototypes.width, frame.image_width, gain),
          Yolov5Axis(prototypes.height, frame.image_height, gain)};
}

}  // namespace bulkhead::yolo
