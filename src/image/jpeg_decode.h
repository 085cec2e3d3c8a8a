// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "image/decode.h"
#include "image/image.h"
#include "image/orientation.h"

namespace bulkhead::image {

// Decodes a JPEG file into `picture` as stored, and returns how it must be turned. Errors as
// for Decode; the picture's content is undefined after one.
base::Result<Orientation> DecodeJpeg(std::span<const std::byte> encoded, const DecodeLimits& limits,
                                     Image& picture);

}  // namespace bulkhead::image
