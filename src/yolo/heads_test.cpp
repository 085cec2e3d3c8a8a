// SPDX-License-Identifier: Apache-2.0
#include "yolo/heads.h"

#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oracle/random_outputs.h"

namespace bulkhead::yolo {
namespace {

using oracle::Output;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A 200 x 100 picture in a 100 x 100 input: gain 0.5, 25 pixels of padding above and below.
constexpr Letterbox kLetterbox{100, 100, 100, 50, 0, 25, 0.5};

base::Result<ImageResult> Decode(const ModelSpec& spec, const std::vector<Output>& outputs,
                                 const DetectOptions& options = {}, std::size_t picture = 0) {
  std::vector<oracle::Tensor> tensors;
  for (const Output& output : outputs) tensors.push_back(oracle::FloatTensor({output}));
  std::vector<base::TensorView> views;
  for (const auto& tensor : tensors) views.push_back(tensor.View());
  return DecodeOutputs(spec, views, picture, kLetterbox, 200, 100, options);
}

// One anchor with the given columns, channels first.
Output OneAnchor(std::vector<float> columns) {
  const auto count = static_cast<int64_t>(columns.size());
  return {{count, 1}, std::move(columns)};
}

Output Rows(std::vector<std::vector<float>> rows) {
  Output output{{static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size())}, {}};
  for (const auto& row : rows) {
    output.values.insert(output.values.end(), row.begin(), row.end());
  }
  return output;
}

const ModelSpec kAnchorFree = oracle::SpecOf(Task::kDetect, HeadLayout::kAnchorFree, 2);
const ModelSpec kAnchorBased = oracle::SpecOf(Task::kDetect, HeadLayout::kAnchorBased, 2);
const ModelSpec kEndToEnd = oracle::SpecOf(Task::kDetect, HeadLayout::kEndToEnd, 2);

void ExpectError(const base::Result<ImageResult>& result, base::Code code,
                 const std::string& words) {
  ASSERT_FALSE(result.ok()) << words;
  EXPECT_EQ(result.error().code, code);
  EXPECT_THAT(result.error().public_message, HasSubstr(words));
}

TEST(DecodeOutputs, BringsABoxBackToThePictureAndClipsIt) {
  const auto result = Decode(kAnchorFree, {OneAnchor({95, 50, 20, 10, 0.1F, 0.8F})});
  ASSERT_TRUE(result.ok()) << result.error().detail;
  ASSERT_EQ(result.value().detections.size(), 1U);
  const Detection& d = result.value().detections[0];
  EXPECT_EQ(d.class_index, 1);
  EXPECT_EQ(d.score, 0.8F);
  EXPECT_FLOAT_EQ(d.box.x1, 170);
  EXPECT_FLOAT_EQ(d.box.y1, 40);
  EXPECT_FLOAT_EQ(d.box.x2, 200);
  EXPECT_FLOAT_EQ(d.box.y2, 60);
  EXPECT_EQ(result.value().image_width, 200);
  EXPECT_EQ(result.value().image_height, 100);
}

TEST(DecodeOutputs, FindsNothingWhenNoAnchorScores) {
  const auto result = Decode(kAnchorFree, {OneAnchor({50, 50, 20, 10, 0.25F, 0.1F})});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().detections.empty());
}

TEST(DecodeOutputs, FindsNothingWithoutAnchors) {
  EXPECT_TRUE(Decode(kAnchorFree, {{{6, 0}, {}}}).value().detections.empty());
  EXPECT_TRUE(Decode(kAnchorBased, {{{0, 7}, {}}}).value().detections.empty());
  EXPECT_TRUE(Decode(kEndToEnd, {{{0, 6}, {}}}).value().detections.empty());
}

TEST(DecodeOutputs, MultipliesObjectnessOnlyForAnchorBasedHeads) {
  const auto result = Decode(kAnchorBased, {Rows({{50, 50, 20, 10, 0.5F, 0.6F, 0.9F}})});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result.value().detections.size(), 1U);
  EXPECT_FLOAT_EQ(result.value().detections[0].score, 0.45F);
}

// Two classes give an anchor-free head six rows, and six anchors make it look like either.
TEST(DecodeOutputs, ReadsRowsAsTheSpecSaysNotAsTheShapeSuggests) {
  Output six{{6, 6}, std::vector<float>(36, 0.0F)};
  six.values[4 * 6] = 0.9F;
  const auto anchor_free = Decode(kAnchorFree, {six});
  ASSERT_TRUE(anchor_free.ok());
  ASSERT_EQ(anchor_free.value().detections.size(), 1U);
  EXPECT_EQ(anchor_free.value().detections[0].score, 0.9F);
  const auto end_to_end = Decode(kEndToEnd, {six});
  ASSERT_TRUE(end_to_end.ok());
  EXPECT_TRUE(end_to_end.value().detections.empty());
}

TEST(DecodeOutputs, PicksThePictureOfABatch) {
  const auto batch = oracle::FloatTensor(
      {OneAnchor({50, 50, 20, 10, 0.9F, 0.1F}), OneAnchor({50, 50, 20, 10, 0.1F, 0.8F})});
  const base::TensorView view = batch.View();
  const auto second = DecodeOutputs(kAnchorFree, {&view, 1}, 1, kLetterbox, 200, 100, {});
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second.value().detections.size(), 1U);
  EXPECT_EQ(second.value().detections[0].class_index, 1);
  ExpectError(DecodeOutputs(kAnchorFree, {&view, 1}, 2, kLetterbox, 200, 100, {}),
              base::Code::kCorrupt, "no picture 2");
}

TEST(DecodeOutputs, PassesOverOutputsOfAnotherRank) {
  Output feature_map{{2, 3, 4, 4}, std::vector<float>(96, kNan)};
  const auto result =
      Decode(kAnchorFree, {feature_map, OneAnchor({50, 50, 20, 10, 0.9F, 0.1F}), feature_map});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().detections.size(), 1U);
}

TEST(DecodeOutputs, RefusesOutputsThatDoNotFitTheSpec) {
  const auto code = base::Code::kCorrupt;
  ExpectError(Decode(kAnchorFree, {}), code, "no output with 3 dimensions");
  ExpectError(Decode(kAnchorFree, {OneAnchor({1, 2, 3, 4, 0.5F})}), code, "6 x anchors");
  ExpectError(Decode(kAnchorBased, {Rows({{1, 2, 3, 4, 0.5F, 0.5F}})}), code, "anchors x 7");
  ExpectError(Decode(kEndToEnd, {Rows({{1, 2, 3, 4, 0.5F, 1, 9}})}), code, "rows x 6");
}

TEST(DecodeOutputs, RefusesOptionsOutOfRange) {
  const auto decode = [](const DetectOptions& options) {
    return Decode(kAnchorFree, {OneAnchor({1, 2, 3, 4, 0.5F, 0.5F})}, options);
  };
  const auto code = base::Code::kInvalid;
  for (const float bad : {-0.01F, 1.01F, kNan, kInfinity}) {
    ExpectError(decode({.confidence_min = bad}), code, "confidence");
    ExpectError(decode({.iou_max = bad}), code, "overlap");
  }
  ExpectError(decode({.detections_max = 0}), code, "at least 1");
  ExpectError(decode({.classes = {0, 2}}), code, "no class 2");
  ExpectError(decode({.classes = {-1}}), code, "no class -1");
  ExpectError(decode({.classes = {0, 1, 1}}), code, "more classes");
  EXPECT_TRUE(decode({.confidence_min = 1, .iou_max = 0, .detections_max = 1}).ok());
}

TEST(DecodeOutputs, RefusesSpecsThatCannotBe) {
  const std::vector<Output> outputs = {OneAnchor({1, 2, 3, 4, 0.5F, 0.5F})};
  const auto code = base::Code::kInvalid;
  ExpectError(Decode(oracle::SpecOf(Task::kDetect, HeadLayout::kAnchorFree, 0), outputs), code,
              "no classes");
  ModelSpec pose = oracle::SpecOf(Task::kPose, HeadLayout::kAnchorFree, 1);
  for (const KeypointShape shape : {KeypointShape{0, 3}, KeypointShape{17, 4}, KeypointShape{-1, 2},
                                    KeypointShape{INT32_MAX, 3}}) {
    pose.keypoints = shape;
    ExpectError(Decode(pose, outputs), code, "cannot be");
  }
  ModelSpec segment = oracle::SpecOf(Task::kSegment, HeadLayout::kAnchorFree, 1);
  segment.mask_coefficients = 0;
  ExpectError(Decode(segment, outputs), code, "cannot be");
}

TEST(DecodeOutputs, RefusesTasksThatNoExporterCombinesWithTheHead) {
  for (const auto& [task, head] : {std::pair{Task::kPose, HeadLayout::kAnchorBased},
                                   std::pair{Task::kObb, HeadLayout::kAnchorBased},
                                   std::pair{Task::kDetect, HeadLayout::kClassScores},
                                   std::pair{Task::kClassify, HeadLayout::kAnchorFree}}) {
    ExpectError(Decode(oracle::SpecOf(task, head, 1), {}), base::Code::kUnsupported, "task");
  }
}

TEST(DecodeOutputs, RefusesNanAndInfinityInWhatItWouldReport) {
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    for (std::size_t column = 0; column < 4; ++column) {
      std::vector<float> columns = {50, 50, 20, 10, 0.9F, 0.1F};
      columns[column] = bad;
      ExpectError(Decode(kAnchorFree, {OneAnchor(columns)}), base::Code::kCorrupt, "finite");
      columns[4] = 0.2F;  // below the threshold nobody looks at the box
      EXPECT_TRUE(Decode(kAnchorFree, {OneAnchor(columns)}).ok());
    }
  }
}

TEST(DecodeOutputs, RefusesANanScoreEvenBesideAGoodOne) {
  ExpectError(Decode(kAnchorFree, {OneAnchor({50, 50, 20, 10, 0.9F, kNan})}), base::Code::kCorrupt,
              "score");
  ExpectError(Decode(kAnchorBased, {Rows({{50, 50, 20, 10, kNan, 0.9F, 0.9F}})}),
              base::Code::kCorrupt, "score");
  ExpectError(Decode(kEndToEnd, {Rows({{1, 2, 3, 4, kNan, 0}})}), base::Code::kCorrupt, "finite");
}

TEST(DecodeOutputs, ClipsNumbersThatOnlyJustFitAFloat) {
  const float huge = std::numeric_limits<float>::max();
  const auto result = Decode(kEndToEnd, {Rows({{-huge, -huge, huge, huge, 0.9F, 1}})});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.value().detections[0].box.x1, 0);
  EXPECT_EQ(result.value().detections[0].box.x2, 200);
  EXPECT_EQ(result.value().detections[0].box.y2, 100);
  ExpectError(Decode(kAnchorFree, {OneAnchor({huge, 0, huge, 1, 0.9F, 0.1F})}),
              base::Code::kCorrupt, "finite");
}

// All anchors but the worst are the same box, so that one detection is left of each place.
TEST(DecodeOutputs, ForgetsCandidatesBeyondThirtyThousand) {
  const auto places = [](std::size_t anchors) {
    Output output{{6, static_cast<int64_t>(anchors)}, std::vector<float>(6 * anchors, 0.0F)};
    for (std::size_t i = 0; i < anchors; ++i) {
      output.values[i] = i == 7 ? 80.0F : 20.0F;
      output.values[anchors + i] = 50;
      output.values[2 * anchors + i] = 10;
      output.values[3 * anchors + i] = 10;
      output.values[4 * anchors + i] = i == 7 ? 0.3F : 0.9F;
    }
    const auto result = Decode(kAnchorFree, {output});
    return result.ok() ? result.value().detections.size() : 0;
  };
  EXPECT_EQ(places(30000), 2U);
  EXPECT_EQ(places(30001), 1U);
}

TEST(DecodeOutputs, TakesTheClassesAskedForBeforeItCountsDetections) {
  const auto row = [](float x, float score, float class_index) {
    return std::vector<float>{x, 30, x + 5, 40, score, class_index};
  };
  const std::vector<Output> outputs = {
      Rows({row(10, 0.9F, 0), row(30, 0.8F, 1), row(50, 0.7F, 0), row(70, 0.6F, 1)})};
  const auto result = Decode(kEndToEnd, outputs, {.detections_max = 1, .classes = {1}});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result.value().detections.size(), 1U);
  EXPECT_EQ(result.value().detections[0].score, 0.8F);
}

TEST(DecodeOutputs, ReportsEndToEndRowsByScoreWithoutSuppressingThem) {
  const std::vector<float> low = {10, 30, 20, 40, 0.5F, 1};
  const std::vector<float> high = {10, 30, 20, 40, 0.9F, 1};
  const std::vector<float> padding(6, 0.0F);
  const auto result = Decode(kEndToEnd, {Rows({low, high, padding})}, {.confidence_min = 0});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result.value().detections.size(), 2U);
  EXPECT_EQ(result.value().detections[0].score, 0.9F);
}

TEST(DecodeOutputs, RefusesEndToEndRowsOfAClassTheModelDoesNotHave) {
  for (const float bad : {-1.0F, 2.0F, 0.5F, 1e30F}) {
    ExpectError(Decode(kEndToEnd, {Rows({{1, 2, 3, 4, 0.9F, bad}})}), base::Code::kCorrupt,
                "class");
    EXPECT_TRUE(Decode(kEndToEnd, {Rows({{1, 2, 3, 4, 0.1F, bad}})}).ok());
  }
}

}  // namespace
}  // namespace bulkhead::yolo
