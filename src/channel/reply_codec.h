// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "channel/limits.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// What every result of a model consists of.
struct ReplyShape {
  bool rotated = false;
  bool masks = false;
  std::size_t keypoints = 0;     // of each detection
  std::size_t class_scores = 0;  // classification: its classes
};

ReplyShape ShapeOf(const yolo::ModelSpec& spec);

// Bytes of the longest body that answers a request for `detections_max` detections.
std::size_t ReplyBytesMax(const ReplyShape& shape, int detections_max);

// The body. kExhausted: a result over `bytes_max` or kDetectionsMax. kInternal: one whose parts are
// not those of `shape`.
base::Result<std::vector<std::byte>> EncodeReply(const ReplyShape& shape, const DetectReply& reply,
                                                 std::size_t bytes_max = kBodyBytesMax);

struct ReplyLimits {
  int detections_max = 0;
  std::size_t mask_pixels_max = 0;
  bool annotated = false;  // a JPEG must follow; otherwise nothing may
};

// kCorrupt: not what EncodeReply writes for this shape, or more detections than the limit.
// kExhausted: masks of more pixels together than the limit; found before they are allocated.
base::Result<DetectReply> DecodeReply(RequestId id, const ReplyShape& shape,
                                      const ReplyLimits& limits, std::span<const std::byte> body);

}  // namespace bulkhead::channel
