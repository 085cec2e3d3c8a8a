// SPDX-License-Identifier: Apache-2.0
// Decoding of network outputs written a second time, as plainly as possible and in double
// precision, to compare src/yolo with. Slow on purpose: full tensors, full pictures, all pairs.
#pragma once

#include <vector>

#include "base/tensor.h"
#include "yolo/detection.h"
#include "yolo/letterbox.h"
#include "yolo/model_spec.h"

namespace bulkhead::oracle {

// One output of a single picture, float values in the graph's order.
struct Output {
  std::vector<int64_t> dims;  // without the batch
  std::vector<float> values;
};

struct Picture {
  int width = 0;
  int height = 0;
};

// Only for well-formed outputs. `prototypes` is looked at for segmentation only.
yolo::ImageResult Decode(const yolo::ModelSpec& spec, const Output& rows, const Output& prototypes,
                         const yolo::Letterbox& letterbox, Picture picture,
                         const yolo::DetectOptions& options);

}  // namespace bulkhead::oracle
