// SPDX-License-Identifier: Apache-2.0
// From pixels of the network's input back to pixels of the picture.
#pragma once

#include "yolo/detection.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// Undoes a letterbox: takes the padding off and divides by the gain, as the exporter's own program
// does. Ultralytics takes what the letterbox did: whole pixels of padding, and a gain for each axis
// (content size / picture size). The YOLOv5 repository (scale_boxes, 7.0), whose rows are
// kAnchorBased, forgets that the letterbox rounds: one gain, and half of what it leaves as padding.
class PictureMap {
 public:
  // The sizes must be positive.
  PictureMap(const Letterbox& letterbox, int image_width, int image_height, HeadLayout head);

  // Clipped to the picture. Never NaN for finite boxes.
  [[nodiscard]] Box ToPicture(const Box& box) const;
  [[nodiscard]] Keypoint ToPicture(const Keypoint& keypoint) const;
  // Not clipped: a rotated box may reach over the edge. The angle is kept as it is.
  [[nodiscard]] RotatedBox ToPicture(const RotatedBox& box) const;

 private:
  [[nodiscard]] float X(float x) const { return (x - pad_left_) / gain_x_; }
  [[nodiscard]] float Y(float y) const { return (y - pad_top_) / gain_y_; }

  float pad_left_ = 0;
  float pad_top_ = 0;
  float gain_x_ = 1;
  float gain_y_ = 1;
  float width_ = 0;
  float height_ = 0;
};

}  // namespace bulkhead::yolo
