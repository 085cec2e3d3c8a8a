// SPDX-License-Identifier: Apache-2.0
// Antialiased bilinear resizing with the bits of Pillow's Image.resize(BILINEAR) on 8-bit pictures.
#pragma once

#include <array>
#include <cstdint>

#include "image/rows.h"
#include "yolo/canvas.h"

namespace bulkhead::yolo {

// What each 8-bit value of each channel becomes in the tensor.
template <typename Sample>
using ValueTable = std::array<std::array<Sample, 256>, 3>;

// The size that the whole picture is resized to, and the top left corner of the part of it that is
// wanted; the canvas gives that part's size. The part lies within the content.
struct Crop {
  int content_width = 0;
  int content_height = 0;
  int x = 0;
  int y = 0;
};

// Fills the canvas with the crop of the resized picture, planar RGB, through the table. Nothing
// outside the crop is computed. Thread-safe.
void ResizeAntialiased(image::Rows& picture, const Crop& crop, const ValueTable<float>& table,
                       const Canvas<float>& canvas);
void ResizeAntialiased(image::Rows& picture, const Crop& crop, const ValueTable<uint16_t>& table,
                       const Canvas<uint16_t>& canvas);

}  // namespace bulkhead::yolo
