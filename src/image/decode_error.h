// SPDX-License-Identifier: Apache-2.0
// What the decoders of the single formats have in common: their errors and the check of a size.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "image/decode.h"

namespace bulkhead::image {

// kInvalid. `library_text` goes to the operator only.
base::Error DamagedPicture(std::string_view format, std::string_view library_text);

// kUnsupported. `library_text` goes to the operator only.
base::Error UnsupportedPicture(std::string_view format, std::string_view library_text);

// kExhausted: the memory for a picture within the limits could not be had.
base::Error OutOfMemory();

// Applied to the size in a picture's header before anything of that size is allocated. kInvalid: a
// side is zero. kExhausted: over a limit. After success width x height x 3 fits in int64_t.
base::Status CheckPictureSize(uint32_t width, uint32_t height, const DecodeLimits& limits);

}  // namespace bulkhead::image
