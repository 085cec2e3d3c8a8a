// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/result.h"
#include "yolo/detection.h"

namespace bulkhead::channel {

// kInvalid: thresholds outside 0..1, detections_max outside 1..kDetectionsMax, more classes than
// kClassesMax or one outside 0..kClassesMax - 1.
base::Status CheckOptions(const yolo::DetectOptions& options);

struct RequestOptions {
  yolo::DetectOptions detect;
  bool annotate = false;
};

// The start of a request's body; the options pass CheckOptions.
void WriteOptions(const RequestOptions& options, base::ByteWriter& writer);

// Fails the reader where the options are none that CheckOptions passes.
RequestOptions ReadOptions(base::ByteReader& reader);

}  // namespace bulkhead::channel
