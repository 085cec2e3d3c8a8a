// SPDX-License-Identifier: Apache-2.0
// The one field of Exif that changes pixels: the orientation. Untrusted bytes; nothing is allocated
// and every read is inside the span given.
#pragma once

#include <cstddef>
#include <span>

#include "image/orientation.h"

namespace bulkhead::image {

// The orientation in an Exif block: a TIFF header and its first directory, with or without the
// six bytes "Exif\0\0" before them. kUpright when it has none or is damaged: a picture is never
// refused for its Exif.
Orientation ParseExifOrientation(std::span<const std::byte> exif);

// The orientation in the first APP1 segment of a JPEG file that holds Exif.
Orientation ParseJpegOrientation(std::span<const std::byte> jpeg);

// The orientation in the first eXIf chunk of a PNG file. Its checksum is not looked at.
Orientation ParsePngOrientation(std::span<const std::byte> png);

// The orientation in the first EXIF chunk of a WebP file.
Orientation ParseWebpOrientation(std::span<const std::byte> webp);

}  // namespace bulkhead::image
