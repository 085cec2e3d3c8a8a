// SPDX-License-Identifier: Apache-2.0
#include "image/image.h"

#include "base/check.h"

namespace bulkhead::image {

void Image::Reshape(int width, int height) {
  BH_CHECK(width > 0 && height > 0);
  width_ = width;
  height_ = height;
  if (size_bytes() > capacity_bytes_) {
    pixels_.reset();  // never hold the old and the new storage at once
    pixels_ = std::make_unique_for_overwrite<uint8_t[]>(size_bytes());
    capacity_bytes_ = size_bytes();
  }
}

}  // namespace bulkhead::image
