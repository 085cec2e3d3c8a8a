// SPDX-License-Identifier: Apache-2.0
// Masks written a second time: the whole input plane first, then the whole picture, in doubles.
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

  [[nodiscard]] yolo::Mask Cut(const yolo::Box& box, int image_width, int image_height) const;

 private:
  const yolo::Letterbox& letterbox_;
  std::vector<double> input_;
};

}  // namespace bulkhead::oracle
