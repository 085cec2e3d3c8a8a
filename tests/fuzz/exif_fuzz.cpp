// SPDX-License-Identifier: Apache-2.0
// Any bytes as an Exif block, as JPEG segments and as PNG or WebP chunks give one of the eight
// orientations.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "image/exif.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const auto found :
       {bulkhead::image::ParseExifOrientation(bytes), bulkhead::image::ParseJpegOrientation(bytes),
        bulkhead::image::ParseWebpOrientation(bytes)}) {
    if (found < bulkhead::image::Orientation::kUpright ||
        found > bulkhead::image::Orientation::kNeedsAnticlockwise)
      std::abort();
  }
  return 0;
}
