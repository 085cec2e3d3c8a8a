// SPDX-License-Identifier: Apache-2.0
#include "image/decode.h"

#include <new>
#include <string_view>

#include <fmt/format.h>

#include "image/decode_error.h"
#include "image/jpeg_decode.h"
#include "image/orientation.h"
#include "image/png_decode.h"
#include "image/webp_decode.h"

namespace bulkhead::image {
namespace {

using base::Code;
using base::Result;

bool HasBytes(std::span<const std::byte> encoded, std::size_t offset, std::string_view bytes) {
  if (encoded.size() < offset + bytes.size()) return false;
  const std::string_view found{reinterpret_cast<const char*>(encoded.data()) + offset,
                               bytes.size()};
  return found == bytes;
}

// The content decides, never a name or a declared type.
Result<Orientation> DecodeByContent(std::span<const std::byte> encoded, const DecodeLimits& limits,
                                    Image& picture) {
  if (HasBytes(encoded, 0, "\xFF\xD8\xFF")) return DecodeJpeg(encoded, limits, picture);
  if (HasBytes(encoded, 0, "\x89PNG\r\n\x1A\n")) return DecodePng(encoded, limits, picture);
  if (HasBytes(encoded, 0, "RIFF") && HasBytes(encoded, 8, "WEBP")) {
    return DecodeWebp(encoded, limits, picture);
  }
  return base::PublicError(Code::kInvalid, "not a JPEG, PNG or WebP picture");
}

}  // namespace

Result<Image> Decode(std::span<const std::byte> encoded, const DecodeLimits& limits,
                     Image recycled) {
  if (encoded.empty()) return base::PublicError(Code::kInvalid, "the picture is empty");
  if (encoded.size() > limits.encoded_bytes_max) {
    return base::PublicError(Code::kExhausted,
                             fmt::format("an encoded picture of {} bytes is over the limit of {}",
                                         encoded.size(), limits.encoded_bytes_max));
  }
  try {
    BH_ASSIGN(const Orientation orientation, DecodeByContent(encoded, limits, recycled));
    TurnUpright(orientation, recycled);
    return recycled;
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

}  // namespace bulkhead::image
