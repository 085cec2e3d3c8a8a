// SPDX-License-Identifier: Apache-2.0
#include "image/webp_decode.h"

#include <algorithm>
#include <cstdint>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

#include "image/decode_error.h"
#include "image/exif.h"

namespace bulkhead::image {
namespace {

using base::Result;
using base::Status;
using Bytes = std::span<const std::byte>;

const uint8_t* Unsigned(Bytes bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

Status CheckStatus(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OK:
      return base::Ok();
    case VP8_STATUS_OUT_OF_MEMORY:
      return OutOfMemory();
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return UnsupportedPicture("WebP", "feature");
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return DamagedPicture("WebP", "not enough data");
    case VP8_STATUS_INVALID_PARAM:
    case VP8_STATUS_BITSTREAM_ERROR:
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_USER_ABORT:
      break;
  }
  return DamagedPicture("WebP", "bitstream");
}

// A bitstream may lack its last bytes without libwebp noticing; the container's size tells.
Status CheckComplete(Bytes encoded) {
  constexpr std::size_t kSizeOffset = 4;
  constexpr std::size_t kCountedFrom = 8;
  std::size_t size = 0;
  for (std::size_t i = 4; i > 0; --i) {
    size = size << 8 | std::to_integer<std::size_t>(encoded[kSizeOffset + i - 1]);
  }
  if (encoded.size() - kCountedFrom >= size) return base::Ok();
  return DamagedPicture("WebP", "shorter than its container says");
}

// Decodes a still bitstream to RGB at (x, y) of the picture.
Status DecodeInto(Bytes bitstream, int x, int y, Image& picture) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    return base::OperatorError(base::Code::kInternal, "WebP ABI");
  BH_TRY(CheckStatus(WebPGetFeatures(Unsigned(bitstream), bitstream.size(), &config.input)));
  if (config.input.width > picture.width() - x || config.input.height > picture.height() - y) {
    return DamagedPicture("WebP", "a frame reaches over the canvas");
  }
  const std::size_t offset = static_cast<std::size_t>(y) * picture.row_bytes() +
                             static_cast<std::size_t>(x) * Image::kChannels;
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {.rgba = picture.pixels().data() + offset,
                          .stride = static_cast<int>(picture.row_bytes()),
                          .size = picture.size_bytes() - offset};
  return CheckStatus(WebPDecode(Unsigned(bitstream), bitstream.size(), &config));
}

// The first frame on a black canvas.
Status DecodeFirstFrame(Bytes encoded, Image& picture) {
  const WebPData file{.bytes = Unsigned(encoded), .size = encoded.size()};
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemux(&file),
                                                                         WebPDemuxDelete);
  if (!demuxer) return DamagedPicture("WebP", "container");
  WebPIterator frame{};
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) return DamagedPicture("WebP", "no frame");
  const Bytes bitstream = std::as_bytes(std::span(frame.fragment.bytes, frame.fragment.size));
  const int x = frame.x_offset;
  const int y = frame.y_offset;
  WebPDemuxReleaseIterator(&frame);  // the bitstream is a part of `encoded`
  std::ranges::fill(picture.pixels(), uint8_t{0});
  return DecodeInto(bitstream, x, y, picture);
}

}  // namespace

Result<Orientation> DecodeWebp(Bytes encoded, const DecodeLimits& limits, Image& picture) {
  WebPBitstreamFeatures features;
  BH_TRY(CheckStatus(WebPGetFeatures(Unsigned(encoded), encoded.size(), &features)));
  BH_TRY(CheckComplete(encoded));
  BH_TRY(CheckPictureSize(static_cast<uint32_t>(features.width),
                          static_cast<uint32_t>(features.height), limits));
  picture.Reshape(features.width, features.height);
  if (features.has_animation != 0) {
    BH_TRY(DecodeFirstFrame(encoded, picture));
  } else {
    BH_TRY(DecodeInto(encoded, 0, 0, picture));
  }
  return ParseWebpOrientation(encoded);
}

}  // namespace bulkhead::image
