// SPDX-License-Identifier: Apache-2.0
#include "image/decode_error.h"

#include <fmt/format.h>

#include "base/checked_math.h"

namespace bulkhead::image {

using base::Code;
using base::Error;

Error DamagedPicture(std::string_view format, std::string_view library_text) {
  return Error{.code = Code::kInvalid,
               .detail = fmt::format("damaged or truncated {}: {}", format, library_text),
               .public_message = fmt::format("the {} picture is damaged or ends early", format)};
}

Error UnsupportedPicture(std::string_view format, std::string_view library_text) {
  return Error{.code = Code::kUnsupported,
               .detail = fmt::format("unsupported {}: {}", format, library_text),
               .public_message = fmt::format("this form of {} is not supported", format)};
}

Error OutOfMemory() {
  return base::OperatorError(Code::kExhausted, "out of memory while decoding a picture");
}

base::Status CheckPictureSize(uint32_t width, uint32_t height, const DecodeLimits& limits) {
  if (width == 0 || height == 0) {
    return base::PublicError(Code::kInvalid, "the picture has no pixels");
  }
  const auto pixels = base::CheckedMul(int64_t{width}, int64_t{height});
  const bool fits =
      pixels && base::CheckedMul(*pixels, static_cast<int64_t>(Image::kChannels)).has_value();
  if (!fits || *pixels > limits.pixels_max || width > int64_t{limits.side_max} ||
      height > int64_t{limits.side_max}) {
    return base::PublicError(
        Code::kExhausted,
        fmt::format("a picture of {} x {} is over the limit of {} pixels and {} per side", width,
                    height, limits.pixels_max, limits.side_max));
  }
  return base::Ok();
}

}  // namespace bulkhead::image
