// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "image/image.h"

namespace bulkhead::image {

// How stored pixels must be turned to stand upright; the values are those of the Exif tag
// Orientation (Exif 3.0, 4.6.5.1.6).
enum class Orientation : uint8_t {
  kUpright = 1,
  kMirroredAcross = 2,  // left and right swapped
  kUpsideDown = 3,      // turned by 180 degrees
  kMirroredDown = 4,    // top and bottom swapped
  kTransposed = 5,      // mirrored at the main diagonal
  kNeedsClockwise = 6,  // upright after a quarter turn clockwise
  kTransverse = 7,      // mirrored at the other diagonal
  kNeedsAnticlockwise = 8,
};

// Turns the picture upright. The four that keep the sides work in place; the four that swap width
// and height need a second picture of the same size for the time of the call.
void TurnUpright(Orientation orientation, Image& picture);

}  // namespace bulkhead::image
