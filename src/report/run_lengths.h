// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "yolo/detection.h"

namespace bulkhead::report {

// Uncompressed COCO run lengths of a mask over a whole width x height picture: pixels counted
// column by column from the top left, background first, alternating (the "counts" list of COCO's
// annotation format). The mask must lie inside the picture.
std::vector<int64_t> RunLengths(const yolo::Mask& mask, int image_width, int image_height);

}  // namespace bulkhead::report
