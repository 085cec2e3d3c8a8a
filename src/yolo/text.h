// SPDX-License-Identifier: Apache-2.0
// Lines of text in our bitmap font. Text is UTF-8; what is not printable ASCII, and every byte that
// is not UTF-8, is drawn as a box.
#pragma once

#include <cstdint>
#include <string_view>

#include "image/image.h"
#include "yolo/raster.h"

namespace bulkhead::yolo {

// Pixels from the left edge of the first glyph to the right edge of the last at `scale` pixels a
// dot.
int64_t TextWidth(std::string_view text, int scale);

// Pixels from the top of a capital to the foot of a hanging letter.
int64_t TextHeight(int scale);

// (left, top) is the upper left corner; clipped to the picture.
void DrawText(std::string_view text, int64_t left, int64_t top, int scale, Color color,
              image::Image& picture);

}  // namespace bulkhead::yolo
