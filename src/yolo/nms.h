// SPDX-License-Identifier: Apache-2.0
// Non-maximum suppression. Scores and coordinates must not be NaN; the three spans have the same
// length. Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "yolo/detection.h"

namespace bulkhead::yolo {

struct NmsOptions {
  float iou_max = 0.7F;
  int keep_max = 300;
  bool class_agnostic = false;
};

// Indices by falling score; equal scores keep their order.
std::vector<uint32_t> OrderByScore(std::span<const float> scores);

// Indices of the kept boxes, by falling score; equal scores keep their order. A box is dropped when
// its IoU with a kept box of the same class (any class when agnostic) is above iou_max.
// IoU in float32 as in torchvision.ops.nms: two boxes without area have none.
// Cost: boxes x kept boxes of the class; the search ends at keep_max.
std::vector<int> SuppressBoxes(std::span<const Box> boxes, std::span<const float> scores,
                               std::span<const int> classes, const NmsOptions& options);

// The same for rotated boxes, whose overlap is probabilistic IoU (Llerena et al., "Gaussian
// Bounding Boxes and Probabilistic Intersection-over-Union", arXiv:2106.06072). A box is dropped
// when its overlap with any better box of the same class, kept or not, is above iou_max (the
// exporter's form; Bolya et al., "YOLACT", arXiv:1904.02689, section 3.2).
// Cost: boxes x better boxes of the class; the search ends at keep_max.
std::vector<int> SuppressRotatedBoxes(std::span<const RotatedBox> boxes,
                                      std::span<const float> scores, std::span<const int> classes,
                                      const NmsOptions& options);

}  // namespace bulkhead::yolo
