// SPDX-License-Identifier: Apache-2.0
#include "channel/reply_codec.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using yolo::Task;

constexpr ReplyLimits kLimits{.detections_max = 10, .mask_pixels_max = 1000};

ReplyShape ShapeOfTask(Task task) { return ShapeOf(HelloOf(task).spec); }

Bytes EncodedOf(Task task) { return EncodeReply(ShapeOfTask(task), ReplyOf(task, 1)).value(); }

TEST(ReplyCodec, ReadsBackWhatWasWrittenOfEveryTask) {
  for (const Task task : kEveryTask) {
    const Bytes bytes = EncodedOf(task);
    const auto reply = DecodeReply(9, ShapeOfTask(task), kLimits, bytes);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    EXPECT_EQ(reply.value().id, 9U);
    EXPECT_EQ(EncodeReply(ShapeOfTask(task), reply.value()).value(), bytes);
  }
}

TEST(ReplyCodec, CarriesEveryNumber) {
  const DetectReply reply =
      DecodeReply(1, ShapeOfTask(Task::kObb), kLimits, EncodedOf(Task::kObb)).value();
  EXPECT_EQ(reply.times.queue.count(), 1);
  EXPECT_EQ(reply.times.heads.count(), 5);
  EXPECT_EQ(reply.times.batch, 2);
  EXPECT_EQ(reply.result.image_width, 100);
  EXPECT_EQ(reply.result.image_height, 50);
  const yolo::Detection& detection = reply.result.detections.at(1);
  EXPECT_EQ(detection.class_index, 1);
  EXPECT_EQ(detection.score, 0.75F);
  EXPECT_EQ(detection.box.y2, 40.5F);
  EXPECT_EQ(detection.rotated.value().angle, 0.5F);
}

TEST(ReplyCodec, RefusesEveryCutAndAByteTooMany) {
  for (const Task task : kEveryTask) {
    const Bytes bytes = EncodedOf(task);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(DecodeReply(1, ShapeOfTask(task), kLimits, std::span(bytes).first(size)).ok());
    }
    EXPECT_FALSE(DecodeReply(1, ShapeOfTask(task), kLimits, bytes + Bytes(1)).ok());
  }
}

TEST(ReplyCodec, RefusesTheResultOfAnotherTask) {
  for (const Task task : kEveryTask) {
    for (const Task other : kEveryTask) {
      EXPECT_EQ(DecodeReply(1, ShapeOfTask(other), kLimits, EncodedOf(task)).ok(), task == other);
    }
  }
}

TEST(ReplyCodec, RefusesMoreDetectionsThanTheLimit) {
  const ReplyLimits one{.detections_max = 1, .mask_pixels_max = 1000};
  const auto reply = DecodeReply(1, ShapeOfTask(Task::kDetect), one, EncodedOf(Task::kDetect));
  EXPECT_EQ(reply.error().code, Code::kCorrupt);
}

TEST(ReplyCodec, SaysThatMasksAreOverTheLimit) {
  // Two masks of 6 pixels.
  const ReplyShape shape = ShapeOfTask(Task::kSegment);
  const Bytes bytes = EncodedOf(Task::kSegment);
  EXPECT_TRUE(DecodeReply(1, shape, {.detections_max = 2, .mask_pixels_max = 12}, bytes).ok());
  const auto reply = DecodeReply(1, shape, {.detections_max = 2, .mask_pixels_max = 11}, bytes);
  EXPECT_EQ(reply.error().code, Code::kExhausted);
}

TEST(ReplyCodec, WritesNoResultOfAnotherTask) {
  for (const Task task : kEveryTask) {
    for (const Task other : kEveryTask) {
      const auto bytes = EncodeReply(ShapeOfTask(other), ReplyOf(task, 1));
      EXPECT_EQ(bytes.ok(), task == other);
      EXPECT_TRUE(bytes.ok() || bytes.error().code == Code::kInternal);
    }
  }
}

TEST(ReplyCodec, WritesNoMaskWhosePixelsAreMissing) {
  DetectReply reply = ReplyOf(Task::kSegment, 1);
  reply.result.detections[0].mask->bits.pop_back();
  EXPECT_EQ(EncodeReply(ShapeOfTask(Task::kSegment), reply).error().code, Code::kInternal);
}

TEST(ReplyCodec, WritesNoMoreThanAMessageHolds) {
  for (const Task task : kEveryTask) {
    const std::size_t bytes = EncodedOf(task).size();
    EXPECT_TRUE(EncodeReply(ShapeOfTask(task), ReplyOf(task, 1), bytes).ok());
    EXPECT_EQ(EncodeReply(ShapeOfTask(task), ReplyOf(task, 1), bytes - 1).error().code,
              Code::kExhausted);
  }
}

TEST(ReplyCodec, WritesNoMoreDetectionsThanAnyRequestMayAskFor) {
  DetectReply reply = ReplyOf(Task::kDetect, 1);
  reply.result.detections.assign(std::size_t{kDetectionsMax}, DetectionOf(Task::kDetect));
  EXPECT_TRUE(EncodeReply(ShapeOfTask(Task::kDetect), reply).ok());
  reply.result.detections.push_back(DetectionOf(Task::kDetect));
  EXPECT_EQ(EncodeReply(ShapeOfTask(Task::kDetect), reply).error().code, Code::kExhausted);
}

TEST(ReplyCodec, KnowsTheLongestReplyOfARequest) {
  for (const Task task : {Task::kDetect, Task::kPose, Task::kObb, Task::kClassify}) {
    const auto count = static_cast<int>(ReplyOf(task, 1).result.detections.size());
    EXPECT_EQ(ReplyBytesMax(ShapeOfTask(task), count), EncodedOf(task).size());
  }
  EXPECT_EQ(ReplyBytesMax(ShapeOfTask(Task::kSegment), 1), kBodyBytesMax);
}

TEST(ReplyCodec, CarriesAnAnnotatedPictureOnlyWhereOneWasAskedFor) {
  const ReplyShape shape = ShapeOfTask(Task::kDetect);
  DetectReply reply = ReplyOf(Task::kDetect, 1);
  reply.annotated = BytesOf("\xff\xd8\xff\xe0 a JPEG");
  const Bytes bytes = EncodeReply(shape, reply).value();
  ReplyLimits asked = kLimits;
  asked.annotated = true;
  const auto read = DecodeReply(1, shape, asked, bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().annotated, reply.annotated);
  EXPECT_FALSE(DecodeReply(1, shape, kLimits, bytes).ok());
  EXPECT_FALSE(DecodeReply(1, shape, asked, EncodedOf(Task::kDetect)).ok()) << "it is missing";
  reply.annotated = BytesOf("GIF89a");
  EXPECT_FALSE(DecodeReply(1, shape, asked, EncodeReply(shape, reply).value()).ok());
}

}  // namespace
}  // namespace bulkhead::channel
