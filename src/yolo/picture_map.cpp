// SPDX-License-Identifier: Apache-2.0
#include "yolo/picture_map.h"

#include <algorithm>

#include "base/check.h"

namespace bulkhead::yolo {
namespace {

float Gain(int content, int image) {
  BH_CHECK(content > 0 && image > 0);
  return static_cast<float>(static_cast<double>(content) / image);
}

}  // namespace

PictureMap::PictureMap(const Letterbox& letterbox, int image_width, int image_height,
                       HeadLayout head)
    : width_(static_cast<float>(image_width)), height_(static_cast<float>(image_height)) {
  if (head == HeadLayout::kAnchorBased) {
    const double gain = std::min(static_cast<double>(letterbox.input_width) / image_width,
                                 static_cast<double>(letterbox.input_height) / image_height);
    gain_x_ = gain_y_ = static_cast<float>(gain);
    pad_left_ = static_cast<float>((letterbox.input_width - image_width * gain) / 2);
    pad_top_ = static_cast<float>((letterbox.input_height - image_height * gain) / 2);
    return;
  }
  pad_left_ = static_cast<float>(letterbox.pad_left);
  pad_top_ = static_cast<float>(letterbox.pad_top);
  gain_x_ = Gain(letterbox.content_width, image_width);
  gain_y_ = Gain(letterbox.content_height, image_height);
}

Box PictureMap::ToPicture(const Box& box) const {
  return {std::clamp(X(box.x1), 0.0F, width_), std::clamp(Y(box.y1), 0.0F, height_),
          std::clamp(X(box.x2), 0.0F, width_), std::clamp(Y(box.y2), 0.0F, height_)};
}

Keypoint PictureMap::ToPicture(const Keypoint& keypoint) const {
  return {std::clamp(X(keypoint.x), 0.0F, width_), std::clamp(Y(keypoint.y), 0.0F, height_),
          keypoint.visibility};
}

RotatedBox PictureMap::ToPicture(const RotatedBox& box) const {
  return {X(box.cx), Y(box.cy), box.width / gain_x_, box.height / gain_y_, box.angle};
}

}  // namespace bulkhead::yolo
