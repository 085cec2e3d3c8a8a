// SPDX-License-Identifier: Apache-2.0
#include "worker/annotate.h"

#include "image/encode.h"
#include "yolo/draw.h"

namespace bulkhead::worker {
namespace {

constexpr int kJpegQuality = 90;

}  // namespace

base::Result<std::vector<std::byte>> Annotate(std::span<const std::byte> encoded,
                                              const image::DecodeLimits& limits,
                                              const yolo::ImageResult& result,
                                              std::span<const std::string> class_names) {
  BH_ASSIGN(image::Image picture, image::Decode(encoded, limits));
  yolo::DrawResult(result, class_names, picture);
  return image::EncodeJpeg(picture, kJpegQuality);
}

}  // namespace bulkhead::worker
