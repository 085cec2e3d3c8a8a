// SPDX-License-Identifier: Apache-2.0
// Any bytes are a picture or an error. Where they are a picture, its size is within the limits and
// every pixel is written: the sum below is what MemorySanitizer would stumble over. Read row by row
// it is the same picture or the same error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "image/decode.h"

namespace {

namespace image = bulkhead::image;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireRow(const image::Image& picture, int y, image::Rows& rows) {
  const auto width = static_cast<std::size_t>(picture.width());
  std::vector<uint32_t> columns(width);
  std::iota(columns.begin(), columns.end(), uint32_t{0});
  std::vector<uint32_t> pixels(width);
  rows.Pick(y, columns, pixels);
  const uint8_t* expected = picture.row(y);
  for (std::size_t x = 0; x < width; ++x) {
    Require(std::memcmp(&pixels[x], expected + x * image::Image::kChannels,
                        image::Image::kChannels) == 0);
  }
  Require(std::memcmp(rows.Row(y), expected, picture.row_bytes()) == 0);
}

// Reads all rows; `picture` is what they must be, none when the picture was refused.
bulkhead::base::Status ReadRows(std::span<const std::byte> encoded,
                                const image::DecodeLimits& limits, const image::Image* picture) {
  image::Image storage;
  BH_ASSIGN(const std::unique_ptr<image::Rows> rows, image::OpenRows(encoded, limits, storage));
  Require(picture == nullptr ||
          (rows->width() == picture->width() && rows->height() == picture->height()));
  for (int y = 0; y < rows->height(); ++y) {
    if (picture != nullptr) {
      RequireRow(*picture, y, *rows);
    } else {
      rows->Row(y);
    }
  }
  return rows->Finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr image::DecodeLimits kLimits{
      .encoded_bytes_max = 1 << 16, .pixels_max = 1 << 16, .side_max = 1 << 12};
  const auto encoded = std::as_bytes(std::span(data, size));
  const auto decoded = image::Decode(encoded, kLimits);
  const auto read = ReadRows(encoded, kLimits, decoded.ok() ? &decoded.value() : nullptr);
  Require(read.ok() == decoded.ok());
  if (!decoded.ok()) {
    Require(!decoded.error().detail.empty());
    Require(read.error().code == decoded.error().code);
    return 0;
  }
  const image::Image& picture = decoded.value();
  Require(!picture.empty() && picture.width() <= kLimits.side_max &&
          picture.height() <= kLimits.side_max);
  volatile uint8_t sum = 0;
  for (const uint8_t value : picture.pixels()) sum = static_cast<uint8_t>(sum + value);
  return 0;
}
