// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "image/image.h"
#include "yolo/detection.h"

namespace bulkhead::yolo {

// Draws boxes (rotated ones as polygons), masks as a tint, keypoints as dots, and a label
// "name 0.87" on each into the picture itself. Line and text sizes follow the picture's size; each
// class has its own colour. A classification draws its best five classes in a corner.
// Results outside the picture are clipped; class indices without a name are drawn as numbers.
void DrawResult(const ImageResult& result, std::span<const std::string> class_names,
                image::Image& picture);

}  // namespace bulkhead::yolo
