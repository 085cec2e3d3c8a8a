// SPDX-License-Identifier: Apache-2.0
// Untrusted bytes to pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "image/image.h"
#include "image/rows.h"

namespace bulkhead::image {

struct DecodeLimits {
  // Of the encoded picture.
  std::size_t encoded_bytes_max = std::size_t{64} << 20;
  // width x height, read from the header and checked before anything of that size is allocated:
  // 100 megapixels covers the largest area-scan sensors and costs 300 MB at most.
  int64_t pixels_max = 100'000'000;
  // Of either side; libjpeg and libwebp go no further than 65,500 and 16,383.
  int side_max = 65'535;
};

// Decodes a JPEG, PNG or WebP picture of any colour form (gray, palette, CMYK/YCCK, alpha, 16 bit)
// to upright RGB. Alpha is dropped without blending, 16 bit keeps the high byte, CMYK is converted
// without its profile: the same values that OpenCV's imread (IMREAD_COLOR) gives, since exported
// models are trained on those. Of an animation the first frame is taken.
//
// `recycled` may be any picture that is no longer needed; its storage is used again. A picture that
// Exif turns by a quarter needs a second buffer of the same size for the time of turning.
//
// kInvalid: empty, not one of the three formats, or a damaged or truncated picture (one that ends
// early is refused, never padded). kExhausted: over a limit. kUnsupported: a form the libraries do
// not decode. Never throws, never prints. Thread-safe.
base::Result<Image> Decode(std::span<const std::byte> encoded, const DecodeLimits& limits,
                           Image recycled = {});

// The same picture row by row: nearly every JPEG is decoded while its rows are asked for and never
// exists as a whole. Any other picture (PNG, WebP, and a JPEG that is turned by Exif or is not
// Y Cb Cr of 4:4:4, 4:2:2 or 4:2:0) is decoded here, into `storage`.
//
// `encoded` and `storage` must outlive the rows, and `storage` must not be touched before they are
// gone; given again, its memory is used again. Errors are those of Decode, here or from
// Rows::Finish.
base::Result<std::unique_ptr<Rows>> OpenRows(std::span<const std::byte> encoded,
                                             const DecodeLimits& limits, Image& storage);

}  // namespace bulkhead::image
