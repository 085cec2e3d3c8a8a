// SPDX-License-Identifier: Apache-2.0
#include "channel/hello_codec.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"
#include "yolo/model_metadata.h"

namespace bulkhead::channel {
namespace {

using testing::HasSubstr;
using yolo::Task;

TEST(HelloCodec, ReadsBackWhatWasWrittenOfEveryTask) {
  for (const Task task : kEveryTask) {
    const auto bytes = EncodeHello(HelloOf(task));
    ASSERT_TRUE(bytes.ok()) << bytes.error().detail;
    const auto hello = DecodeHello(bytes.value());
    ASSERT_TRUE(hello.ok()) << hello.error().detail;
    EXPECT_EQ(hello.value().spec.task, task);
    EXPECT_EQ(EncodeHello(hello.value()).value(), bytes.value());
  }
}

TEST(HelloCodec, CarriesEveryFieldOfTheSpec) {
  Hello hello = HelloOf(Task::kSegment);
  hello.spec.head = yolo::HeadLayout::kEndToEnd;
  hello.spec.stride = 64;
  hello.spec.default_height = 320;
  hello.spec.default_width = 416;
  hello.spec.input = {.name = "in", .type = base::ElementType::kFloat16, .batch = {}};
  hello.spec.imagenet_normalisation = true;
  hello.spec.nms_in_graph = true;
  const yolo::ModelSpec spec = DecodeHello(EncodeHello(hello).value()).value().spec;
  EXPECT_EQ(spec.family, "YOLO11");
  EXPECT_EQ(spec.size, "n");
  EXPECT_EQ(spec.head, yolo::HeadLayout::kEndToEnd);
  EXPECT_EQ(spec.stride, 64);
  EXPECT_EQ(spec.default_height, 320);
  EXPECT_EQ(spec.default_width, 416);
  EXPECT_EQ(spec.input.name, "in");
  EXPECT_EQ(spec.input.type, base::ElementType::kFloat16);
  EXPECT_FALSE(spec.input.batch || spec.input.height || spec.input.width);
  EXPECT_EQ(spec.mask_coefficients, 32);
  EXPECT_TRUE(spec.imagenet_normalisation);
  EXPECT_TRUE(spec.nms_in_graph);
  EXPECT_EQ(spec.class_names, hello.spec.class_names);
}

TEST(HelloCodec, CarriesWhatTheGraphDeclares) {
  Hello hello = HelloOf(Task::kDetect);
  hello.inputs = {{"images", base::ElementType::kFloat16, {-1, 3, 640, 640}},
                  {"", base::ElementType::kInt64, {}}};
  hello.outputs = {{"text", base::ElementType::kString, {7, 0}}};
  const Hello read = DecodeHello(EncodeHello(hello).value()).value();
  ASSERT_EQ(read.inputs.size(), 2U);
  EXPECT_EQ(read.inputs[0].name, "images");
  EXPECT_EQ(read.inputs[0].type, base::ElementType::kFloat16);
  EXPECT_THAT(read.inputs[0].dims, testing::ElementsAre(-1, 3, 640, 640));
  EXPECT_THAT(read.inputs[1].dims, testing::IsEmpty());
  ASSERT_EQ(read.outputs.size(), 1U);
  EXPECT_EQ(read.outputs[0].type, base::ElementType::kString);
  EXPECT_THAT(read.outputs[0].dims, testing::ElementsAre(7, 0));
}

TEST(HelloCodec, RefusesEveryCutAndAByteTooMany) {
  const Bytes bytes = EncodeHello(HelloOf(Task::kPose)).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeHello(std::span(bytes).first(size)).error().code, base::Code::kCorrupt);
  }
  EXPECT_FALSE(DecodeHello(bytes + Bytes(1)).ok());
}

struct Bend {
  const char* field;
  Task task;
  std::function<void(Hello&)> bend;
};

class BentHello : public testing::TestWithParam<Bend> {};

TEST_P(BentHello, IsRefusedByField) {
  Hello hello = HelloOf(GetParam().task);
  ASSERT_TRUE(CheckHello(hello).ok());
  GetParam().bend(hello);
  const base::Status checked = CheckHello(hello);
  ASSERT_FALSE(checked.ok());
  EXPECT_THAT(checked.error().detail, HasSubstr(GetParam().field));
}

std::vector<Bend> BentSizes() {
  return {
      {"stride", Task::kDetect, [](Hello& h) { h.spec.stride = 0; }},
      {"stride", Task::kDetect, [](Hello& h) { h.spec.stride = kStrideMax + 1; }},
      {"default height", Task::kDetect, [](Hello& h) { h.spec.default_height = 0; }},
      {"default width", Task::kDetect, [](Hello& h) { h.spec.default_width = -1; }},
      {"batch", Task::kDetect, [](Hello& h) { h.spec.input.batch = -1; }},
      {"input height", Task::kDetect, [](Hello& h) { h.spec.input.height = kInputSideMax + 1; }},
      {"input width", Task::kDetect, [](Hello& h) { h.spec.input.width = -5; }},
      {"keypoint", Task::kPose, [](Hello& h) { h.spec.keypoints.count = 0; }},
      {"keypoint", Task::kPose, [](Hello& h) { h.spec.keypoints.count = kKeypointsMax + 1; }},
      {"keypoint", Task::kPose, [](Hello& h) { h.spec.keypoints.dims = 1; }},
      {"keypoint", Task::kPose, [](Hello& h) { h.spec.keypoints.dims = 4; }},
      {"keypoint", Task::kDetect, [](Hello& h) { h.spec.keypoints.count = 1; }},
      {"mask", Task::kSegment, [](Hello& h) { h.spec.mask_coefficients = 0; }},
      {"mask", Task::kPose, [](Hello& h) { h.spec.mask_coefficients = 1; }},
      {"head", Task::kDetect, [](Hello& h) { h.spec.head = yolo::HeadLayout::kClassScores; }},
      {"head", Task::kClassify, [](Hello& h) { h.spec.head = yolo::HeadLayout::kEndToEnd; }},
      {"largest batch", Task::kDetect, [](Hello& h) { h.batch_max = 0; }},
      {"in flight", Task::kDetect, [](Hello& h) { h.frames_in_flight_max = 0; }},
      {"in flight", Task::kDetect,
       [](Hello& h) { h.frames_in_flight_max = kFramesInFlightMax + 1; }},
  };
}

std::vector<Bend> BentTexts() {
  const std::string long_name(kNameBytesMax + 1, 'x');
  return {
      {"family", Task::kDetect, [=](Hello& h) { h.spec.family = long_name; }},
      {"size", Task::kDetect, [](Hello& h) { h.spec.size = "\xFF"; }},
      {"input name", Task::kDetect, [=](Hello& h) { h.spec.input.name = long_name; }},
      {"input type", Task::kDetect, [](Hello& h) { h.spec.input.type = base::ElementType::kBool; }},
      {"engine", Task::kDetect, [](Hello& h) { h.engine = "\xC3"; }},
      {"class names", Task::kDetect, [](Hello& h) { h.spec.class_names.clear(); }},
      {"class names", Task::kDetect, [](Hello& h) { h.spec.class_names.resize(kClassesMax + 1); }},
      {"class names", Task::kDetect,
       [](Hello& h) { h.spec.class_names[0] = std::string(kClassNameBytesMax + 1, 'x'); }},
      {"class names", Task::kDetect,
       [](Hello& h) {
         h.spec.class_names.assign(kClassNamesBytesMax / 1024 + 1, std::string(1024, 'x'));
       }},
      {"class names", Task::kDetect, [](Hello& h) { h.spec.class_names[1] = "\xE8\xBB"; }},
  };
}

std::vector<Bend> BentGraphs() {
  return {
      {"inputs", Task::kDetect, [](Hello& h) { h.inputs.resize(kGraphTensorsMax + 1); }},
      {"inputs", Task::kDetect,
       [](Hello& h) { h.inputs[0].name = std::string(kNameBytesMax + 1, 'x'); }},
      {"inputs", Task::kDetect, [](Hello& h) { h.inputs[0].dims[0] = -2; }},
      {"outputs", Task::kDetect, [](Hello& h) { h.outputs.resize(kGraphTensorsMax + 1); }},
      {"outputs", Task::kDetect, [](Hello& h) { h.outputs[0].name = "\xFF"; }},
      {"outputs", Task::kDetect, [](Hello& h) { h.outputs[1].dims.resize(kTensorRankMax + 1); }},
  };
}

INSTANTIATE_TEST_SUITE_P(Graphs, BentHello, testing::ValuesIn(BentGraphs()));
INSTANTIATE_TEST_SUITE_P(Sizes, BentHello, testing::ValuesIn(BentSizes()));
INSTANTIATE_TEST_SUITE_P(Texts, BentHello, testing::ValuesIn(BentTexts()));

TEST(HelloCodec, RefusesOnTheWireWhatItWouldNotWrite) {
  Bytes bytes = EncodeHello(HelloOf(Task::kDetect)).value();
  bytes[0] = std::byte{0};  // batch_max
  EXPECT_THAT(DecodeHello(bytes).error().detail, HasSubstr("largest batch"));
}

TEST(HelloCodec, CarriesTheLargestListOfNamesInItsLimit) {
  Hello hello = HelloOf(Task::kDetect);
  hello.spec.class_names.assign(kClassesMax, std::string(kClassNamesBytesMax / kClassesMax, 'x'));
  const auto bytes = EncodeHello(hello);
  ASSERT_TRUE(bytes.ok());
  EXPECT_LE(bytes.value().size(), kHelloBytesMax);
  EXPECT_TRUE(DecodeHello(bytes.value()).ok());
}

TEST(HelloCodec, HasRoomForEverySpecThatIsRead) {
  EXPECT_GE(kClassesMax, yolo::kClassesMax);
  EXPECT_GE(kClassNameBytesMax, yolo::kClassNameBytesMax);
  EXPECT_GE(kInputSideMax, yolo::kImageSideMax);
  EXPECT_GE(kStrideMax, yolo::kStrideMax);
  EXPECT_GE(kKeypointsMax, yolo::kKeypointsMax);
}

}  // namespace
}  // namespace bulkhead::channel
