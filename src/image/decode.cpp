// SPDX-License-Identifier: Apache-2.0
#include "image/decode.h"

#include <new>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "image/decode_error.h"
#include "image/image_rows.h"
#include "image/jpeg_decode.h"
#include "image/jpeg_rows.h"
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

bool IsJpeg(std::span<const std::byte> encoded) { return HasBytes(encoded, 0, "\xFF\xD8\xFF"); }

base::Status CheckEncodedSize(std::span<const std::byte> encoded, const DecodeLimits& limits) {
  if (encoded.empty()) return base::PublicError(Code::kInvalid, "the picture is empty");
  if (encoded.size() <= limits.encoded_bytes_max) return base::Ok();
  return base::PublicError(Code::kExhausted,
                           fmt::format("an encoded picture of {} bytes is over the limit of {}",
                                       encoded.size(), limits.encoded_bytes_max));
}

// The content decides, never a name or a declared type.
Result<Orientation> DecodeByContent(std::span<const std::byte> encoded, const DecodeLimits& limits,
                                    Image& picture) {
  if (IsJpeg(encoded)) return DecodeJpeg(encoded, limits, picture);
  if (HasBytes(encoded, 0, "\x89PNG\r\n\x1A\n")) return DecodePng(encoded, limits, picture);
  if (HasBytes(encoded, 0, "RIFF") && HasBytes(encoded, 8, "WEBP")) {
    return DecodeWebp(encoded, limits, picture);
  }
  return base::PublicError(Code::kInvalid, "not a JPEG, PNG or WebP picture");
}

}  // namespace

Result<Image> Decode(std::span<const std::byte> encoded, const DecodeLimits& limits,
                     Image recycled) {
  BH_TRY(CheckEncodedSize(encoded, limits));
  try {
    BH_ASSIGN(const Orientation orientation, DecodeByContent(encoded, limits, recycled));
    TurnUpright(orientation, recycled);
    return recycled;
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

Result<std::unique_ptr<Rows>> OpenRows(std::span<const std::byte> encoded,
                                       const DecodeLimits& limits, Image& storage) {
  BH_TRY(CheckEncodedSize(encoded, limits));
  try {
    if (IsJpeg(encoded)) {
      BH_ASSIGN(std::unique_ptr<Rows> rows, OpenJpegRows(encoded, limits));
      if (rows) return rows;
    }
    BH_ASSIGN(storage, Decode(encoded, limits, std::move(storage)));
    return std::unique_ptr<Rows>(std::make_unique<ImageRows>(storage));
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

}  // namespace bulkhead::image
