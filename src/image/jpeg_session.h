// SPDX-License-Identifier: Apache-2.0
// What the two ways of decoding a JPEG share: its header, its limits and its errors.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "image/decode.h"
#include "image/jpeg_library.h"

namespace bulkhead::image {

// A JPEG file being decoded. libjpeg keeps pointers into it, so it stays where it is.
struct JpegSession {
  jpeg_decompress_struct codec{};
  JpegFailure failure{};
  jpeg_progress_mgr progress{};
  std::span<const std::byte> encoded;
  long memory_max = 0;

  JpegSession() = default;
  JpegSession(const JpegSession&) = delete;
  JpegSession& operator=(const JpegSession&) = delete;
  ~JpegSession() { jpeg_destroy_decompress(&codec); }  // does nothing when creation failed
};

// Reads the header and holds its size against the limits. `encoded` must outlive the session; call
// once. Errors are those of Decode.
base::Status OpenJpeg(std::span<const std::byte> encoded, const DecodeLimits& limits,
                      JpegSession& session);

// Why a step of decoding failed, as Decode says it.
base::Error ErrorOf(const JpegFailure& failure);

}  // namespace bulkhead::image
