// SPDX-License-Identifier: Apache-2.0
// Masks written a second time: whole planes, then the whole picture, in doubles. Ultralytics' way,
// and with yolov5 that of the YOLOv5 repository.
#pragma once

#include <cstdint>
#include <vector>

#include "yolo/detection.h"
#include "yolo/letterbox.h"

namespace bulkhead::oracle {

class MaskLogits {
 public:
  MaskLogits(const std::vector<int64_t>& dims, const std::vector<float>& prototypes,
             const std::vector<double>& coefficients, const yolo::Letterbox& letterbox);

  // At the network's input size, inside x1,y1,x2,y2.
  [[nodiscard]] bool AnyPositive(const double (&box)[4]) const;

  [[nodiscard]] yolo::Mask Cut(const yolo::Box& box, int image_width, int image_height,
                               bool yolov5) const;

 private:
  const yolo::Letterbox& letterbox_;
  int width_ = 0;  // of logits_, at the prototypes' size
  int height_ = 0;
  std::vector<double> logits_;
};

}  // namespace bulkhead::oracle
