// SPDX-License-Identifier: Apache-2.0
// The letterbox as its definition reads, in double precision and without any concern for speed.
#pragma once

#include <vector>

#include "image/image.h"
#include "yolo/letterbox.h"

namespace bulkhead::oracle {

struct PadSizes {
  int left = 0;
  int right = 0;
  int top = 0;
  int bottom = 0;
};

struct PaddedPlan {
  int content_width = 0;
  int content_height = 0;
  PadSizes pads;
};

// Centred letterbox into target_width x target_height; `minimum`: pads only to whole strides.
PaddedPlan PlanPadded(int image_width, int image_height, int target_width, int target_height,
                      bool minimum, int stride);

// Planar RGB on the scale 0..255, unrounded. Pads are 114.
std::vector<double> FillPadded(const image::Image& picture, const yolo::Letterbox& plan);

// Triangle-filtered resize to the plan's content, then its crop; planar RGB, 0..255, unrounded.
std::vector<double> FillCropped(const image::Image& picture, const yolo::Letterbox& plan);

}  // namespace bulkhead::oracle
