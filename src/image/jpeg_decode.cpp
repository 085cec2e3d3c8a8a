// SPDX-License-Identifier: Apache-2.0
// libjpeg rather than TurboJPEG: equally fast, and it can bound scans and memory and tell warnings
// apart. The defaults (accurate integer DCT, fancy upsampling) are also what OpenCV decodes with.
#include "image/jpeg_decode.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "image/decode_error.h"
#include "image/exif.h"
#include "image/jpeg_library.h"

namespace bulkhead::image {
namespace {

using base::Result;

constexpr int kInkChannels = 4;

// Encoders write about 10 scans and the most patient optimisers a few dozen. Every scan of a
// progressive file costs a pass over all coefficients, however few bytes it has.
constexpr int kScansMax = 100;

// What a progressive file needs: 16-bit coefficients of up to four planes, each side padded to at
// most four blocks of eight; the constant covers the padding of a picture one pixel wide.
constexpr int64_t kCoefficientBytesPerPixel = 8;
constexpr int64_t kCoefficientBytesSlack = int64_t{32} << 20;

struct Session {
  jpeg_decompress_struct codec{};
  JpegFailure failure{};
  jpeg_progress_mgr progress{};
  std::span<const std::byte> encoded;
  long memory_max = 0;
  Image* picture = nullptr;
  uint8_t* ink_row = nullptr;  // one row of CMYK; unused otherwise

  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { jpeg_destroy_decompress(&codec); }  // does nothing when creation failed
};

void LimitScans(j_common_ptr codec) {
  if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number <= kScansMax) return;
  reinterpret_cast<JpegFailure*>(codec->err)->too_many_scans = true;
  codec->err->error_exit(codec);
}

// Step.
void ReadHeader(Session& session) {
  jpeg_decompress_struct& codec = session.codec;
  jpeg_create_decompress(&codec);
  session.progress.progress_monitor = LimitScans;
  codec.progress = &session.progress;
  codec.mem->max_memory_to_use = session.memory_max;
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(session.encoded.data()),
               session.encoded.size());
  jpeg_read_header(&codec, TRUE);
  codec.out_color_space = codec.num_components == kInkChannels ? JCS_CMYK : JCS_RGB;
}

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
  jpeg_start_decompress(&codec);
  for (int y = 0; y < picture.height(); ++y) {
    JSAMPROW row = session.ink_row;
    jpeg_read_scanlines(&codec, &row, 1);
    InkToRgb(row, static_cast<std::size_t>(picture.width()), picture.row(y));
  }
  jpeg_finish_decompress(&codec);
}

base::Error ErrorOf(const JpegFailure& failure) {
  switch (Classify(failure)) {
    case JpegFault::kDamaged:
      return DamagedPicture("JPEG", failure.text);
    case JpegFault::kUnsupported:
      return UnsupportedPicture("JPEG", failure.text);
    case JpegFault::kExhausted:
      break;
  }
  return base::Error{.code = base::Code::kExhausted,
                     .detail = failure.text,
                     .public_message = "the JPEG picture takes too many scans or too much memory"};
}

}  // namespace

Result<Orientation> DecodeJpeg(std::span<const std::byte> encoded, const DecodeLimits& limits,
                               Image& picture) {
  Session session;
  session.codec.err = ReportTo(session.failure);
  session.encoded = encoded;
  session.memory_max = std::min(limits.pixels_max, int64_t{1} << 48) * kCoefficientBytesPerPixel +
                       kCoefficientBytesSlack;
  if (!RunStep(session, ReadHeader)) return ErrorOf(session.failure);

  const jpeg_decompress_struct& codec = session.codec;
  BH_TRY(CheckPictureSize(codec.image_width, codec.image_height, limits));
  picture.Reshape(static_cast<int>(codec.image_width), static_cast<int>(codec.image_height));
  session.picture = &picture;

  const bool ink = codec.out_color_space == JCS_CMYK;
  std::vector<uint8_t> ink_row(ink ? std::size_t{codec.image_width} * kInkChannels : 0);
  session.ink_row = ink_row.data();
  if (!RunStep(session, ink ? ReadInk : ReadRgb)) return ErrorOf(session.failure);
  return ParseJpegOrientation(encoded);
}

}  // namespace bulkhead::image
