// SPDX-License-Identifier: Apache-2.0
#include "image/image.h"

#include "base/check.h"

namespace bulkhead::image {

void Image::Reshape(int width, int height) {
  BH_CHECK(width > 0 && height > 0);
  const std::size_t needed =
      static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * kChannels;
  if (needed > capacity_bytes_) {
    *this = Image();  // never hold the old and the new storage at once
    pixels_ = std::make_unique_for_overwrite<uint8_t[]>(needed + kSpareBytes);
    capacity_bytes_ = needed;
  }
  width_ = width;
  height_ = height;
}

}  // namespace bulkhead::image
