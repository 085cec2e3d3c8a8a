// SPDX-License-Identifier: Apache-2.0
// libjpeg rather than TurboJPEG: equally fast, and it can bound scans and memory and tell warnings
// apart. The defaults (accurate integer DCT, fancy upsampling) are also what OpenCV decodes with.
#include "image/jpeg_session.h"

#include <algorithm>
#include <cstdint>

#include "image/decode_error.h"

namespace bulkhead::image {
namespace {

// Encoders write about 10 scans and the most patient optimisers a few dozen. Every scan of a
// progressive file costs a pass over all coefficients, however few bytes it has.
constexpr int kScansMax = 100;

// What a progressive file needs: 16-bit coefficients of up to four planes, each side padded to at
// most four blocks of eight; the constant covers the padding of a picture one pixel wide.
constexpr int64_t kCoefficientBytesPerPixel = 8;
constexpr int64_t kCoefficientBytesSlack = int64_t{32} << 20;

void LimitScans(j_common_ptr codec) {
  if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number <= kScansMax) return;
  reinterpret_cast<JpegFailure*>(codec->err)->too_many_scans = true;
  codec->err->error_exit(codec);
}

// Step.
void ReadHeader(JpegSession& session) {
  jpeg_decompress_struct& codec = session.codec;
  jpeg_create_decompress(&codec);
  session.progress.progress_monitor = LimitScans;
  codec.progress = &session.progress;
  codec.mem->max_memory_to_use = session.memory_max;
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(session.encoded.data()),
               session.encoded.size());
  jpeg_read_header(&codec, TRUE);
}

}  // namespace

base::Status OpenJpeg(std::span<const std::byte> encoded, const DecodeLimits& limits,
                      JpegSession& session) {
  session.codec.err = ReportTo(session.failure);
  session.encoded = encoded;
  session.memory_max = std::min(limits.pixels_max, int64_t{1} << 48) * kCoefficientBytesPerPixel +
                       kCoefficientBytesSlack;
  if (!RunStep(session, ReadHeader)) return ErrorOf(session.failure);
  return CheckPictureSize(session.codec.image_width, session.codec.image_height, limits);
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

}  // namespace bulkhead::image
