// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"
#include "image/decode.h"
#include "image/rows.h"

namespace bulkhead::image {

// The rows of a JPEG, decoded as they are asked for: libjpeg decodes to planes, and only the rows
// asked for become RGB, with the same values that DecodeJpeg gives. `encoded` must outlive them.
//
// Nothing (a null pointer) for a JPEG that must be decoded as a whole: one that Exif turns, or any
// but Y Cb Cr of 4:4:4, 4:2:2 or 4:2:0. Errors as for Decode, as far as the header shows them.
base::Result<std::unique_ptr<Rows>> OpenJpegRows(std::span<const std::byte> encoded,
                                                 const DecodeLimits& limits);

}  // namespace bulkhead::image
