// SPDX-License-Identifier: Apache-2.0
// Greedy non-maximum suppression.
#pragma once

#include <span>
#include <vector>

#include "yolo/detection.h"

namespace bulkhead::yolo {

struct NmsOptions {
  float iou_max = 0.7F;
  int keep_max = 300;
  bool class_agnostic = false;
};

// Indices of the kept boxes, by falling score; equal scores keep their order. A box is dropped when
// its IoU with a kept box of the same class (any class when agnostic) is above iou_max.
// The three spans have the same length. IoU as in torchvision.ops.nms.
std::vector<int> SuppressBoxes(std::span<const Box> boxes, std::span<const float> scores,
                               std::span<const int> classes, const NmsOptions& options);

// The same for rotated boxes, whose overlap is probabilistic IoU (Llerena et al., "Gaussian
// Bounding Boxes and Probabilistic Intersection-over-Union", arXiv:2106.06072) and is dropped at >=
// iou_max, against every better box of the same class, kept or not (the exporter's fast form).
std::vector<int> SuppressRotatedBoxes(std::span<const RotatedBox> boxes,
                                      std::span<const float> scores, std::span<const int> classes,
                                      const NmsOptions& options);

}  // namespace bulkhead::yolo
