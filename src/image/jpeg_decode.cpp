// SPDX-License-Identifier: Apache-2.0
#include "image/jpeg_decode.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "image/exif.h"
#include "image/jpeg_session.h"

namespace bulkhead::image {
namespace {

using base::Result;

constexpr int kInkChannels = 4;

struct Session : JpegSession {
  Image* picture = nullptr;
  uint8_t* ink_row = nullptr;  // one row of CMYK; unused otherwise
};

// OpenCV's conversion: the stored values are taken as inverted inks, as Adobe writes them, and
// c' = k - ((255 - c) k >> 8) with c' red for cyan, green for magenta, blue for yellow.
void InkToRgb(const uint8_t* ink, std::size_t pixels, uint8_t* rgb) {
  constexpr std::size_t kInks = kInkChannels;
  for (std::size_t i = 0; i < pixels; ++i, ink += kInks, rgb += Image::kChannels) {
    const int black = ink[3];
    for (std::size_t c = 0; c < Image::kChannels; ++c) {
      rgb[c] = static_cast<uint8_t>(black - ((255 - ink[c]) * black >> 8));
    }
  }
}

// Step.
void ReadRgb(Session& session) {
  constexpr int kRowsAtOnce = 16;  // the height of a 4:2:0 block row
  jpeg_decompress_struct& codec = session.codec;
  Image& picture = *session.picture;
  codec.out_color_space = JCS_RGB;
  jpeg_start_decompress(&codec);
  while (codec.output_scanline < codec.output_height) {
    const int y = static_cast<int>(codec.output_scanline);
    const int count = std::min(kRowsAtOnce, picture.height() - y);
    JSAMPROW rows[kRowsAtOnce];
    for (int i = 0; i < count; ++i) rows[i] = picture.row(y + i);
    jpeg_read_scanlines(&codec, rows, static_cast<JDIMENSION>(count));
  }
  jpeg_finish_decompress(&codec);
}

// Step.
void ReadInk(Session& session) {
  jpeg_decompress_struct& codec = session.codec;
  Image& picture = *session.picture;
  codec.out_color_space = JCS_CMYK;
  jpeg_start_decompress(&codec);
  for (int y = 0; y < picture.height(); ++y) {
    JSAMPROW row = session.ink_row;
    jpeg_read_scanlines(&codec, &row, 1);
    InkToRgb(row, static_cast<std::size_t>(picture.width()), picture.row(y));
  }
  jpeg_finish_decompress(&codec);
}

}  // namespace

Result<Orientation> DecodeJpeg(std::span<const std::byte> encoded, const DecodeLimits& limits,
                               Image& picture) {
  Session session;
  BH_TRY(OpenJpeg(encoded, limits, session));
  const jpeg_decompress_struct& codec = session.codec;
  picture.Reshape(static_cast<int>(codec.image_width), static_cast<int>(codec.image_height));
  session.picture = &picture;

  const bool ink = codec.num_components == kInkChannels;
  std::vector<uint8_t> ink_row(ink ? std::size_t{codec.image_width} * kInkChannels : 0);
  session.ink_row = ink_row.data();
  if (!RunStep(session, ink ? ReadInk : ReadRgb)) return ErrorOf(session.failure);
  return ParseJpegOrientation(encoded);
}

}  // namespace bulkhead::image
