// SPDX-License-Identifier: Apache-2.0
#include "image/orientation.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace bulkhead::image {
namespace {

constexpr std::size_t kPixelBytes = Image::kChannels;

void MirrorRow(uint8_t* row, std::size_t pixels) {
  uint8_t* left = row;
  uint8_t* right = row + pixels * kPixelBytes;
  for (std::size_t n = pixels / 2; n > 0; --n) {
    right -= kPixelBytes;
    std::swap_ranges(left, left + kPixelBytes, right);
    left += kPixelBytes;
  }
}

void MirrorAcross(Image& picture) {
  for (int y = 0; y < picture.height(); ++y) {
    MirrorRow(picture.row(y), static_cast<std::size_t>(picture.width()));
  }
}

void MirrorDown(Image& picture) {
  for (int top = 0, bottom = picture.height() - 1; top < bottom; ++top, --bottom) {
    std::swap_ranges(picture.row(top), picture.row(top) + picture.row_bytes(), picture.row(bottom));
  }
}

// Rows are without padding, so the whole picture reversed is the picture turned by 180 degrees.
void TurnUpsideDown(Image& picture) {
  MirrorRow(picture.pixels().data(), picture.pixels().size() / kPixelBytes);
}

// Row y of the source becomes column y of the result. Squares of kTile pixels keep both the rows
// read and the columns written in the first-level cache.
Image Transpose(const Image& from) {
  constexpr int kTile = 32;
  Image to;
  to.Reshape(from.height(), from.width());
  for (int tile_y = 0; tile_y < from.height(); tile_y += kTile) {
    const int end_y = std::min(tile_y + kTile, from.height());
    for (int tile_x = 0; tile_x < from.width(); tile_x += kTile) {
      const int end_x = std::min(tile_x + kTile, from.width());
      for (int x = tile_x; x < end_x; ++x) {
        uint8_t* out = to.row(x) + static_cast<std::size_t>(tile_y) * kPixelBytes;
        for (int y = tile_y; y < end_y; ++y, out += kPixelBytes) {
          std::memcpy(out, from.row(y) + static_cast<std::size_t>(x) * kPixelBytes, kPixelBytes);
        }
      }
    }
  }
  return to;
}

}  // namespace

void TurnUpright(Orientation orientation, Image& picture) {
  if (picture.empty()) return;
  switch (orientation) {
    case Orientation::kUpright:
      return;
    case Orientation::kMirroredAcross:
      return MirrorAcross(picture);
    case Orientation::kUpsideDown:
      return TurnUpsideDown(picture);
    case Orientation::kMirroredDown:
      return MirrorDown(picture);
    case Orientation::kTransposed:
      picture = Transpose(picture);
      return;
    case Orientation::kNeedsClockwise:
      picture = Transpose(picture);
      return MirrorAcross(picture);
    case Orientation::kTransverse:
      picture = Transpose(picture);
      return TurnUpsideDown(picture);
    case Orientation::kNeedsAnticlockwise:
      picture = Transpose(picture);
      return MirrorDown(picture);
  }
}

}  // namespace bulkhead::image
