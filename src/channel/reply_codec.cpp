// SPDX-License-Identifier: Apache-2.0
#include "channel/reply_codec.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "channel/limits.h"
#include "channel/mask_codec.h"
#include "channel/message_header.h"

namespace bulkhead::channel {
namespace {

using base::Code;

constexpr std::size_t kReplyFixedBytes = 5 * 8 + 3 * 4 + 4 + 4 + 4;
constexpr std::size_t kClassScoreBytes = 8;
constexpr std::size_t kMaskFrameBytes = 4 * 4;

constexpr uint8_t kRotatedPart = 1;
constexpr uint8_t kMaskPart = 2;
constexpr uint8_t kClassScoresPart = 4;

uint8_t PartsOf(const ReplyShape& shape) {
  return static_cast<uint8_t>((shape.rotated ? kRotatedPart : 0) | (shape.masks ? kMaskPart : 0) |
                              (shape.class_scores > 0 ? kClassScoresPart : 0));
}

// Of one detection, a mask's runs left out.
std::size_t DetectionBytes(const ReplyShape& shape) {
  return 24 + (shape.rotated ? 20 : 0) + 12 * shape.keypoints + (shape.masks ? kMaskFrameBytes : 0);
}

bool Fits(const ReplyShape& shape, const yolo::Detection& detection) {
  if (detection.rotated.has_value() != shape.rotated) return false;
  if (detection.mask.has_value() != shape.masks) return false;
  if (detection.keypoints.size() != shape.keypoints) return false;
  if (!detection.mask) return true;
  const yolo::Mask& mask = *detection.mask;
  return std::min({mask.x, mask.y, mask.width, mask.height}) >= 0 &&
         mask.bits.size() ==
             static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height);
}

void WriteFloats(std::initializer_list<float> values, base::ByteWriter& writer) {
  for (const float value : values) writer.Write<float>(value);
}

// False when the writer grew over `bytes_max`.
bool WriteDetection(const yolo::Detection& detection, std::size_t bytes_max,
                    base::ByteWriter& writer) {
  writer.Write<int32_t>(detection.class_index);
  const yolo::Box& box = detection.box;
  WriteFloats({detection.score, box.x1, box.y1, box.x2, box.y2}, writer);
  if (detection.rotated) {
    const yolo::RotatedBox& rotated = *detection.rotated;
    WriteFloats({rotated.cx, rotated.cy, rotated.width, rotated.height, rotated.angle}, writer);
  }
  for (const yolo::Keypoint& point : detection.keypoints) {
    WriteFloats({point.x, point.y, point.visibility}, writer);
  }
  if (detection.mask) return WriteMask(*detection.mask, bytes_max, writer);
  return writer.size() <= bytes_max;
}

yolo::Detection ReadDetection(const ReplyShape& shape, base::ByteReader& reader) {
  yolo::Detection detection;
  detection.class_index = reader.Read<int32_t>();
  detection.score = reader.Read<float>();
  yolo::Box& box = detection.box;
  for (float* value : {&box.x1, &box.y1, &box.x2, &box.y2}) *value = reader.Read<float>();
  if (shape.rotated) {
    yolo::RotatedBox& rotated = detection.rotated.emplace();
    for (float* value :
         {&rotated.cx, &rotated.cy, &rotated.width, &rotated.height, &rotated.angle}) {
      *value = reader.Read<float>();
    }
  }
  detection.keypoints.resize(shape.keypoints);
  for (yolo::Keypoint& point : detection.keypoints) {
    for (float* value : {&point.x, &point.y, &point.visibility}) *value = reader.Read<float>();
  }
  if (shape.masks) detection.mask = ReadMaskFrame(reader);
  return detection;
}

void WriteTimes(const FrameTimes& times, base::ByteWriter& writer) {
  for (const auto step : {times.queue, times.decode, times.letterbox, times.infer, times.heads}) {
    writer.Write<int64_t>(step.count());
  }
  writer.Write<int32_t>(times.batch);
}

FrameTimes ReadTimes(base::ByteReader& reader) {
  FrameTimes times;
  for (auto* step : {&times.queue, &times.decode, &times.letterbox, &times.infer, &times.heads}) {
    *step = std::chrono::nanoseconds(reader.Read<int64_t>());
  }
  times.batch = reader.Read<int32_t>();
  return times;
}

void ReadClassScores(const ReplyShape& shape, base::ByteReader& reader,
                     std::vector<yolo::ClassScore>& scores) {
  scores.resize(reader.ReadCount(shape.class_scores, kClassScoreBytes));
  for (yolo::ClassScore& score : scores) {
    score.class_index = reader.Read<int32_t>();
    score.score = reader.Read<float>();
  }
}

// The rest of the body, which begins as every JPEG does (ITU-T T.81, B.1.1.3: SOI and a marker).
std::vector<std::byte> ReadJpeg(base::ByteReader& reader) {
  constexpr std::array kStart{std::byte{0xff}, std::byte{0xd8}, std::byte{0xff}};
  const std::span<const std::byte> bytes = reader.ReadBytes(reader.remaining());
  if (!std::ranges::equal(bytes.first(std::min(bytes.size(), kStart.size())), kStart)) {
    reader.Fail();
  }
  return {bytes.begin(), bytes.end()};
}

// kExhausted as DecodeReply; a reader that failed says the rest.
base::Status ReadDetections(const ReplyShape& shape, const ReplyLimits& limits,
                            base::ByteReader& reader, std::vector<yolo::Detection>& detections) {
  const auto count_max = static_cast<std::size_t>(limits.detections_max);
  const std::size_t count = reader.ReadCount(count_max, DetectionBytes(shape));
  detections.reserve(count);
  std::size_t pixels_left = limits.mask_pixels_max;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    yolo::Detection& detection = detections.emplace_back(ReadDetection(shape, reader));
    if (!detection.mask || !reader.ok()) continue;
    const std::size_t pixels = static_cast<std::size_t>(detection.mask->width) *
                               static_cast<std::size_t>(detection.mask->height);
    if (pixels > pixels_left) {
      return base::PublicError(Code::kExhausted, "the masks of this picture cover more than " +
                                                     std::to_string(limits.mask_pixels_max) +
                                                     " pixels together");
    }
    pixels_left -= pixels;
    ReadMaskRuns(*detection.mask, reader);
  }
  return base::Ok();
}

}  // namespace

ReplyShape ShapeOf(const yolo::ModelSpec& spec) {
  ReplyShape shape;
  shape.rotated = spec.task == yolo::Task::kObb;
  shape.masks = spec.task == yolo::Task::kSegment;
  if (spec.task == yolo::Task::kPose) {
    shape.keypoints = static_cast<std::size_t>(spec.keypoints.count);
  }
  if (spec.task == yolo::Task::kClassify) shape.class_scores = spec.class_names.size();
  return shape;
}

std::size_t ReplyBytesMax(const ReplyShape& shape, int detections_max) {
  if (shape.masks) return kBodyBytesMax;
  const std::size_t bytes = kReplyFixedBytes + kClassScoreBytes * shape.class_scores +
                            DetectionBytes(shape) * static_cast<std::size_t>(detections_max);
  return std::min(bytes, kBodyBytesMax);
}

base::Result<std::vector<std::byte>> EncodeReply(const ReplyShape& shape, const DetectReply& reply,
                                                 std::size_t bytes_max) {
  const yolo::ImageResult& result = reply.result;
  const bool fits = result.classes.size() == shape.class_scores &&
                    (shape.class_scores == 0 || result.detections.empty()) &&
                    std::ranges::all_of(result.detections, [&](const yolo::Detection& detection) {
                      return Fits(shape, detection);
                    });
  if (!fits) return base::OperatorError(Code::kInternal, "a result that is not of its task");
  const base::Error too_large =
      base::PublicError(Code::kExhausted, "the result is too large; ask for fewer detections");
  if (result.detections.size() > static_cast<std::size_t>(kDetectionsMax)) return too_large;
  base::ByteWriter writer;
  WriteTimes(reply.times, writer);
  writer.Write<int32_t>(result.image_width);
  writer.Write<int32_t>(result.image_height);
  writer.Write<uint8_t>(PartsOf(shape));
  writer.WriteZeros(1);
  writer.Write<uint16_t>(static_cast<uint16_t>(shape.keypoints));
  writer.Write<uint32_t>(static_cast<uint32_t>(result.detections.size()));
  for (const yolo::Detection& detection : result.detections) {
    if (!WriteDetection(detection, bytes_max, writer)) return too_large;
  }
  writer.Write<uint32_t>(static_cast<uint32_t>(result.classes.size()));
  for (const yolo::ClassScore& score : result.classes) {
    writer.Write<int32_t>(score.class_index);
    writer.Write<float>(score.score);
  }
  writer.WriteBytes(reply.annotated);
  if (writer.size() > bytes_max) return too_large;
  return std::move(writer).Take();
}

base::Result<DetectReply> DecodeReply(RequestId id, const ReplyShape& shape,
                                      const ReplyLimits& limits, std::span<const std::byte> body) {
  base::ByteReader reader(body);
  DetectReply reply;
  reply.id = id;
  reply.times = ReadTimes(reader);
  reply.result.image_width = reader.Read<int32_t>();
  reply.result.image_height = reader.Read<int32_t>();
  if (reader.Read<uint8_t>() != PartsOf(shape)) reader.Fail();
  reader.ReadZeros(1);
  if (reader.Read<uint16_t>() != shape.keypoints) reader.Fail();
  BH_TRY(ReadDetections(shape, limits, reader, reply.result.detections));
  ReadClassScores(shape, reader, reply.result.classes);
  if (limits.annotated) reply.annotated = ReadJpeg(reader);
  if (!reader.finished()) return Breach("a reply that does not parse");
  return reply;
}

}  // namespace bulkhead::channel
