// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/decode.h"
#include "yolo/detection.h"

namespace bulkhead::worker {

// Decodes the picture, draws its result, and encodes it as JPEG: for people to look at, in the same
// compartment that detected. Errors are those of image::Decode and image::EncodeJpeg.
base::Result<std::vector<std::byte>> Annotate(std::span<const std::byte> encoded,
                                              const image::DecodeLimits& limits,
                                              const yolo::ImageResult& result,
                                              std::span<const std::string> class_names);

}  // namespace bulkhead::worker
