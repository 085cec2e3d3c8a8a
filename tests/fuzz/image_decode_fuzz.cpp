// SPDX-License-Identifier: Apache-2.0
// Any bytes are a picture or an error. Where they are a picture, its size is within the limits and
// every pixel is written: the sum below is what MemorySanitizer would stumble over.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "image/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr bulkhead::image::DecodeLimits kLimits{
      .encoded_bytes_max = 1 << 16, .pixels_max = 1 << 16, .side_max = 1 << 12};
  const auto decoded = bulkhead::image::Decode(std::as_bytes(std::span(data, size)), kLimits);
  if (!decoded.ok()) {
    if (decoded.error().detail.empty()) std::abort();
    return 0;
  }
  const bulkhead::image::Image& picture = decoded.value();
  if (picture.empty() || picture.width() > kLimits.side_max ||
      picture.height() > kLimits.side_max) {
    std::abort();
  }
  volatile uint8_t sum = 0;
  for (const uint8_t value : picture.pixels()) sum = static_cast<uint8_t>(sum + value);
  return 0;
}
