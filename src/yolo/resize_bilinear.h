// SPDX-License-Identifier: Apache-2.0
// Bilinear resizing with the bits of OpenCV's cv::resize(INTER_LINEAR) on 8-bit pictures.
#pragma once

#include <cstdint>

#include "image/rows.h"
#include "yolo/canvas.h"

namespace bulkhead::yolo {

// Resizes the whole picture to the whole canvas, planar RGB, each value divided by 255 (float32, or
// binary16 rounded to nearest even from it). Neither may be empty. Thread-safe.
void ResizeBilinear(image::Rows& picture, const Canvas<float>& canvas);
void ResizeBilinear(image::Rows& picture, const Canvas<uint16_t>& canvas);

}  // namespace bulkhead::yolo
