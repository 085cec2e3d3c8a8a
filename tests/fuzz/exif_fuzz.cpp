// SPDX-License-Identifier: Apache-2.0
// Any bytes as an Exif block, as JPEG segments and as PNG or WebP chunks give one of the eight
// orientations.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "image/exif.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bulkhead::image;
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const Orientation found :
       {ParseExifOrientation(bytes), ParseJpegOrientation(bytes), ParseWebpOrientation(bytes)}) {
    if (found < Orientation::kUpright || found > Orientation::kNeedsAnticlockwise) std::abort();
  }
  return 0;
}
