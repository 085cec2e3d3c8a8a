// SPDX-License-Identifier: Apache-2.0
// What each task reports beside its boxes.
#include "yolo/task_detections.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "oracle/random_outputs.h"
#include "yolo/heads.h"

namespace bulkhead::yolo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// A 200 x 100 picture in a 100 x 100 input: gain 0.5, 25 pixels of padding above and below.
constexpr Letterbox kLetterbox{100, 100, 100, 50, 0, 25, 0.5};

base::Result<ImageResult> Decode(const ModelSpec& spec, const std::vector<oracle::Output>& outputs,
                                 const DetectOptions& options = {}) {
  std::vector<oracle::Tensor> tensors;
  for (const auto& output : outputs) tensors.push_back(oracle::FloatTensor({output}));
  std::vector<base::TensorView> views;
  for (const auto& tensor : tensors) views.push_back(tensor.View());
  return DecodeOutputs(spec, views, 0, kLetterbox, 200, 100, options);
}

oracle::Output OneRow(std::vector<float> columns) {
  const auto count = static_cast<int64_t>(columns.size());
  return {{1, count}, std::move(columns)};
}

TEST(PoseDetections, BringKeypointsBackAndClipThem) {
  ModelSpec spec = oracle::SpecOf(Task::kPose, HeadLayout::kEndToEnd, 1);
  spec.keypoints = {.count = 2, .dims = 3};
  const auto result =
      Decode(spec, {OneRow({10, 30, 20, 40, 0.9F, 0, 15, 35, 0.75F, -5, 90, 0.125F})});
  ASSERT_TRUE(result.ok()) << result.error().detail;
  const auto& points = result.value().detections.at(0).keypoints;
  ASSERT_EQ(points.size(), 2U);
  EXPECT_FLOAT_EQ(points[0].x, 30);
  EXPECT_FLOAT_EQ(points[0].y, 20);
  EXPECT_EQ(points[0].visibility, 0.75F);
  EXPECT_EQ(points[1].x, 0);
  EXPECT_EQ(points[1].y, 100);
  EXPECT_EQ(points[1].visibility, 0.125F);
}

TEST(PoseDetections, AreFullyVisibleWhenTheModelDoesNotSay) {
  ModelSpec spec = oracle::SpecOf(Task::kPose, HeadLayout::kEndToEnd, 1);
  spec.keypoints = {.count = 1, .dims = 2};
  const auto result = Decode(spec, {OneRow({10, 30, 20, 40, 0.9F, 0, 15, 35})});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().detections.at(0).keypoints.at(0).visibility, 1);
}

TEST(PoseDetections, RefuseAKeypointThatIsNan) {
  ModelSpec spec = oracle::SpecOf(Task::kPose, HeadLayout::kAnchorFree, 1);
  spec.keypoints = {.count = 1, .dims = 2};
  oracle::Output output = OneRow({50, 50, 20, 10, 0.9F, 15, kNan});
  std::swap(output.dims[0], output.dims[1]);
  const auto result = Decode(spec, {output});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, base::Code::kCorrupt);
}

TEST(RotatedDetections, KeepTheAngleAndReachOverTheEdge) {
  const ModelSpec spec = oracle::SpecOf(Task::kObb, HeadLayout::kEndToEnd, 2);
  const float quarter = std::acos(0.0F);
  const auto result = Decode(spec, {OneRow({2, 50, 30, 10, 0.9F, 1, quarter})});
  ASSERT_TRUE(result.ok()) << result.error().detail;
  const Detection& d = result.value().detections.at(0);
  ASSERT_TRUE(d.rotated.has_value());
  EXPECT_FLOAT_EQ(d.rotated->cx, 4);
  EXPECT_FLOAT_EQ(d.rotated->cy, 50);
  EXPECT_FLOAT_EQ(d.rotated->width, 60);
  EXPECT_FLOAT_EQ(d.rotated->height, 20);
  EXPECT_EQ(d.rotated->angle, quarter);
  EXPECT_NEAR(d.box.x1, -6, 1e-4);
  EXPECT_NEAR(d.box.y1, 20, 1e-4);
  EXPECT_NEAR(d.box.x2, 14, 1e-4);
  EXPECT_NEAR(d.box.y2, 80, 1e-4);
}

TEST(RotatedDetections, RefuseBoxesThatOutgrowAFloat) {
  const ModelSpec spec = oracle::SpecOf(Task::kObb, HeadLayout::kEndToEnd, 1);
  const float huge = std::numeric_limits<float>::max();
  const auto result = Decode(spec, {OneRow({50, 50, huge, 10, 0.9F, 0, 0})});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, base::Code::kCorrupt);
}

TEST(RotatedDetections, RefuseAnAngleThatIsNan) {
  const ModelSpec spec = oracle::SpecOf(Task::kObb, HeadLayout::kAnchorFree, 1);
  oracle::Output output = OneRow({50, 50, 20, 10, 0.9F, kNan});
  std::swap(output.dims[0], output.dims[1]);
  const auto result = Decode(spec, {output});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, base::Code::kCorrupt);
}

// Two detections over a prototype that is positive on the left; one coefficient is negative.
TEST(SegmentDetections, DropDetectionsWhoseMaskIsEmpty) {
  ModelSpec spec = oracle::SpecOf(Task::kSegment, HeadLayout::kEndToEnd, 1);
  spec.mask_coefficients = 1;
  oracle::Output prototypes{{1, 25, 25}, {}};
  for (int i = 0; i < 625; ++i) prototypes.values.push_back(i % 25 < 12 ? 1.0F : -1.0F);
  oracle::Output rows{{2, 7}, {10, 30, 20, 40, 0.9F, 0, -1, 10, 30, 20, 40, 0.8F, 0, 1}};
  const auto result = Decode(spec, {rows, prototypes});
  ASSERT_TRUE(result.ok()) << result.error().detail;
  ASSERT_EQ(result.value().detections.size(), 1U);
  const Detection& d = result.value().detections[0];
  EXPECT_EQ(d.score, 0.8F);
  ASSERT_TRUE(d.mask.has_value());
  EXPECT_EQ(d.mask->x, 20);
  EXPECT_EQ(d.mask->y, 10);
  EXPECT_EQ(d.mask->width, 20);
  EXPECT_EQ(d.mask->height, 20);
  EXPECT_EQ(d.mask->bits, std::vector<uint8_t>(400, 1));
}

TEST(SegmentDetections, RefusePrototypesThatDoNotFit) {
  ModelSpec spec = oracle::SpecOf(Task::kSegment, HeadLayout::kEndToEnd, 1);
  spec.mask_coefficients = 1;
  const oracle::Output rows = OneRow({10, 30, 20, 40, 0.9F, 0, 1});
  const std::vector<std::vector<oracle::Output>> wrong = {
      {rows},
      {rows, {{2, 2, 2}, std::vector<float>(8, 1.0F)}},
      {rows, {{1, 0, 2}, {}}},
      {rows, {{1, 1, 40000}, std::vector<float>(40000, 1.0F)}}};
  for (const auto& outputs : wrong) {
    const auto result = Decode(spec, outputs);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, base::Code::kCorrupt);
  }
}

TEST(ClassScores, ComeBackInFull) {
  const ModelSpec spec = oracle::SpecOf(Task::kClassify, HeadLayout::kClassScores, 3);
  const auto result = Decode(spec, {{{3}, {0.2F, 0.7F, 0.2F}}}, {.detections_max = 1});
  ASSERT_TRUE(result.ok()) << result.error().detail;
  const auto& classes = result.value().classes;
  ASSERT_EQ(classes.size(), 3U);
  EXPECT_EQ(classes[0].class_index, 1);
  EXPECT_EQ(classes[0].score, 0.7F);
  EXPECT_EQ(classes[1].class_index, 0);
  EXPECT_EQ(classes[2].class_index, 2);
}

TEST(ClassScores, GetTheSoftmaxThatYolov5LeavesOut) {
  ModelSpec spec = oracle::SpecOf(Task::kClassify, HeadLayout::kClassScores, 3);
  spec.imagenet_normalisation = true;
  const auto result = Decode(spec, {{{3}, {1000, 1000 + std::log(2.0F), -1000}}});
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result.value().classes[0].score, 2.0 / 3, 1e-4);
  EXPECT_NEAR(result.value().classes[1].score, 1.0 / 3, 1e-4);
  EXPECT_EQ(result.value().classes[2].score, 0);
}

TEST(ClassScores, RefuseNanAndOtherShapes) {
  const ModelSpec spec = oracle::SpecOf(Task::kClassify, HeadLayout::kClassScores, 3);
  EXPECT_EQ(Decode(spec, {{{3}, {0.2F, kNan, 0.1F}}}).error().code, base::Code::kCorrupt);
  EXPECT_EQ(Decode(spec, {{{2}, {0.2F, 0.1F}}}).error().code, base::Code::kCorrupt);
  EXPECT_EQ(Decode(spec, {{{3, 1}, {0.2F, 0.1F, 0}}}).error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::yolo
