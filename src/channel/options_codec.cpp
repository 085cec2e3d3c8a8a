// SPDX-License-Identifier: Apache-2.0
#include "channel/options_codec.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using base::PublicError;

bool IsFraction(float value) { return value >= 0.0F && value <= 1.0F; }

}  // namespace

base::Status CheckOptions(const yolo::DetectOptions& options) {
  if (!IsFraction(options.confidence_min)) {
    return PublicError(Code::kInvalid, "the confidence threshold must be between 0 and 1");
  }
  if (!IsFraction(options.iou_max)) {
    return PublicError(Code::kInvalid, "the overlap threshold must be between 0 and 1");
  }
  if (options.detections_max < 1 || options.detections_max > kDetectionsMax) {
    return PublicError(Code::kInvalid, "the number of detections must be between 1 and " +
                                           std::to_string(kDetectionsMax));
  }
  if (options.classes.size() > kClassesMax) {
    return PublicError(Code::kInvalid,
                       "more than " + std::to_string(kClassesMax) + " classes are asked for");
  }
  for (const int class_index : options.classes) {
    if (class_index < 0 || static_cast<std::size_t>(class_index) >= kClassesMax) {
      return PublicError(Code::kInvalid, "there is no class " + std::to_string(class_index));
    }
  }
  return base::Ok();
}

void WriteOptions(const RequestOptions& options, base::ByteWriter& writer) {
  writer.Write<float>(options.detect.confidence_min);
  writer.Write<float>(options.detect.iou_max);
  writer.Write<int32_t>(options.detect.detections_max);
  writer.WriteFlag(options.detect.class_agnostic);
  writer.WriteFlag(options.annotate);
  writer.WriteZeros(2);
  writer.Write<uint32_t>(static_cast<uint32_t>(options.detect.classes.size()));
  for (const int class_index : options.detect.classes) writer.Write<int32_t>(class_index);
}

RequestOptions ReadOptions(base::ByteReader& reader) {
  RequestOptions options;
  options.detect.confidence_min = reader.Read<float>();
  options.detect.iou_max = reader.Read<float>();
  options.detect.detections_max = reader.Read<int32_t>();
  options.detect.class_agnostic = reader.ReadFlag();
  options.annotate = reader.ReadFlag();
  reader.ReadZeros(2);
  options.detect.classes.resize(reader.ReadCount(kClassesMax, sizeof(int32_t)));
  for (int& class_index : options.detect.classes) class_index = reader.Read<int32_t>();
  if (!CheckOptions(options.detect).ok()) reader.Fail();
  return options;
}

}  // namespace bulkhead::channel
