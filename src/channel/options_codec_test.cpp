// SPDX-License-Identifier: Apache-2.0
#include "channel/options_codec.h"

#include <limits>

#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using yolo::DetectOptions;

Bytes Written(const DetectOptions& options) {
  base::ByteWriter writer;
  WriteOptions({options, true}, writer);
  return std::move(writer).Take();
}

TEST(OptionsCodec, ReadsBackWhatWasWritten) {
  const Bytes bytes = Written({.confidence_min = 0.5F,
                               .iou_max = 0.25F,
                               .detections_max = 7,
                               .classes = {2, 0},
                               .class_agnostic = true});
  base::ByteReader reader(bytes);
  const auto [options, annotate] = ReadOptions(reader);
  ASSERT_TRUE(reader.finished());
  EXPECT_TRUE(annotate);
  EXPECT_EQ(options.confidence_min, 0.5F);
  EXPECT_EQ(options.iou_max, 0.25F);
  EXPECT_EQ(options.detections_max, 7);
  EXPECT_EQ(options.classes, (std::vector<int>{2, 0}));
  EXPECT_TRUE(options.class_agnostic);
}

class OptionsOutOfRange : public testing::TestWithParam<DetectOptions> {};

TEST_P(OptionsOutOfRange, AreRefusedOnBothEnds) {
  EXPECT_EQ(CheckOptions(GetParam()).error().code, base::Code::kInvalid);
  const Bytes bytes = Written(GetParam());
  base::ByteReader reader(bytes);
  (void)ReadOptions(reader);
  EXPECT_FALSE(reader.ok());
}

INSTANTIATE_TEST_SUITE_P(
    Fields, OptionsOutOfRange,
    testing::Values(DetectOptions{.confidence_min = -0.1F}, DetectOptions{.confidence_min = 1.1F},
                    DetectOptions{.confidence_min = std::numeric_limits<float>::quiet_NaN()},
                    DetectOptions{.iou_max = -0.1F}, DetectOptions{.iou_max = 2},
                    DetectOptions{.detections_max = 0},
                    DetectOptions{.detections_max = kDetectionsMax + 1},
                    DetectOptions{.classes = {-1}},
                    DetectOptions{.classes = {static_cast<int>(kClassesMax)}},
                    DetectOptions{.classes = std::vector<int>(kClassesMax + 1)}));

TEST(OptionsCodec, RefusesFlagsAndReservedBytesThatAreNot) {
  for (const std::size_t offset : {12U, 13U, 14U}) {
    Bytes bytes = Written({});
    bytes[offset] = std::byte{2};
    base::ByteReader reader(bytes);
    (void)ReadOptions(reader);
    EXPECT_FALSE(reader.ok());
  }
}

}  // namespace
}  // namespace bulkhead::channel
