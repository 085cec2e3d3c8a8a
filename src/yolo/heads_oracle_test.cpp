// SPDX-License-Identifier: Apache-2.0
// DecodeOutputs against its plain double-precision twin, for every task and layout.
#include "oracle/heads_oracle.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "oracle/random_outputs.h"
#include "yolo/heads.h"

namespace bulkhead::yolo {
namespace {

struct Combination {
  Task task;
  HeadLayout head;
  const char* name;
};

constexpr uint32_t kSeeds = 40;
constexpr float kPixels = 2e-3F;

void ExpectSameBox(const Box& actual, const Box& expected) {
  EXPECT_NEAR(actual.x1, expected.x1, kPixels);
  EXPECT_NEAR(actual.y1, expected.y1, kPixels);
  EXPECT_NEAR(actual.x2, expected.x2, kPixels);
  EXPECT_NEAR(actual.y2, expected.y2, kPixels);
}

void ExpectSameMask(const Mask& actual, const Mask& expected) {
  ASSERT_EQ(actual.x, expected.x);
  ASSERT_EQ(actual.y, expected.y);
  ASSERT_EQ(actual.width, expected.width);
  ASSERT_EQ(actual.height, expected.height);
  ASSERT_EQ(actual.bits.size(), expected.bits.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < actual.bits.size(); ++i) {
    if (actual.bits[i] != expected.bits[i]) ++different;
  }
  EXPECT_LE(different, 1 + actual.bits.size() / 1000);
}

void ExpectSameDetection(const Detection& actual, const Detection& expected) {
  EXPECT_EQ(actual.class_index, expected.class_index);
  EXPECT_NEAR(actual.score, expected.score, 1e-6);
  ExpectSameBox(actual.box, expected.box);
  ASSERT_EQ(actual.rotated.has_value(), expected.rotated.has_value());
  if (actual.rotated) {
    EXPECT_NEAR(actual.rotated->cx, expected.rotated->cx, kPixels);
    EXPECT_NEAR(actual.rotated->cy, expected.rotated->cy, kPixels);
    EXPECT_NEAR(actual.rotated->width, expected.rotated->width, kPixels);
    EXPECT_NEAR(actual.rotated->height, expected.rotated->height, kPixels);
    EXPECT_EQ(actual.rotated->angle, expected.rotated->angle);
  }
  ASSERT_EQ(actual.keypoints.size(), expected.keypoints.size());
  for (std::size_t i = 0; i < actual.keypoints.size(); ++i) {
    EXPECT_NEAR(actual.keypoints[i].x, expected.keypoints[i].x, kPixels);
    EXPECT_NEAR(actual.keypoints[i].y, expected.keypoints[i].y, kPixels);
    EXPECT_EQ(actual.keypoints[i].visibility, expected.keypoints[i].visibility);
  }
  ASSERT_EQ(actual.mask.has_value(), expected.mask.has_value());
  if (actual.mask) ExpectSameMask(*actual.mask, *expected.mask);
}

DetectOptions OptionsFor(uint32_t seed, const ModelSpec& spec) {
  DetectOptions options;
  options.confidence_min = 0.125F * static_cast<float>(seed % 5);
  options.iou_max = 0.15F + 0.1F * static_cast<float>(seed % 7);
  options.detections_max = seed % 3 == 0 ? 5 : 300;
  options.class_agnostic = seed % 4 == 1;
  if (seed % 6 == 5) options.classes = {static_cast<int>(spec.class_names.size()) - 1};
  return options;
}

class HeadsOracle : public testing::TestWithParam<Combination> {};

TEST_P(HeadsOracle, AgreesOnRandomOutputs) {
  std::size_t detections = 0;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto scene = oracle::RandomScene(GetParam().task, GetParam().head, seed);
    const DetectOptions options = OptionsFor(seed, scene.spec);
    const auto rows = oracle::FloatTensor({scene.rows});
    std::vector<base::TensorView> outputs = {rows.View()};
    oracle::Tensor prototypes;
    if (scene.spec.task == Task::kSegment) {
      prototypes = oracle::FloatTensor({scene.prototypes});
      outputs.push_back(prototypes.View());
    }
    const auto actual = DecodeOutputs(scene.spec, outputs, 0, scene.letterbox, scene.picture.width,
                                      scene.picture.height, options);
    ASSERT_TRUE(actual.ok()) << actual.error().detail;
    const auto expected = oracle::Decode(scene.spec, scene.rows, scene.prototypes, scene.letterbox,
                                         scene.picture, options);
    ASSERT_EQ(actual.value().detections.size(), expected.detections.size());
    for (std::size_t i = 0; i < expected.detections.size(); ++i) {
      SCOPED_TRACE("detection " + std::to_string(i));
      ExpectSameDetection(actual.value().detections[i], expected.detections[i]);
    }
    detections += expected.detections.size();
  }
  EXPECT_GT(detections, 100U);  // the scenes are not trivial
}

TEST_P(HeadsOracle, ReadsHalvesAsTheFloatsTheyAre) {
  const auto scene = oracle::RandomScene(GetParam().task, GetParam().head, 7);
  const auto half = oracle::HalfTensor({scene.rows, scene.rows});
  const auto full = oracle::FloatTensor({scene.rows});
  std::vector<base::TensorView> halves = {half.View()};
  std::vector<base::TensorView> floats = {full.View()};
  oracle::Tensor half_prototypes;
  oracle::Tensor full_prototypes;
  if (scene.spec.task == Task::kSegment) {
    half_prototypes = oracle::HalfTensor({scene.prototypes, scene.prototypes});
    full_prototypes = oracle::FloatTensor({scene.prototypes});
    halves.push_back(half_prototypes.View());
    floats.push_back(full_prototypes.View());
  }
  const auto decode = [&](const std::vector<base::TensorView>& outputs, std::size_t picture) {
    return DecodeOutputs(scene.spec, outputs, picture, scene.letterbox, scene.picture.width,
                         scene.picture.height, {});
  };
  const auto from_half = decode(halves, 1);
  const auto from_float = decode(floats, 0);
  ASSERT_TRUE(from_half.ok()) << from_half.error().detail;
  ASSERT_TRUE(from_float.ok()) << from_float.error().detail;
  ASSERT_EQ(from_half.value().detections.size(), from_float.value().detections.size());
  EXPECT_FALSE(from_half.value().detections.empty());
  for (std::size_t i = 0; i < from_half.value().detections.size(); ++i) {
    const Detection& a = from_half.value().detections[i];
    const Detection& b = from_float.value().detections[i];
    EXPECT_EQ(a.score, b.score);
    EXPECT_EQ(a.box.x1, b.box.x1);
    EXPECT_EQ(a.mask.has_value(), b.mask.has_value());
  }
}

INSTANTIATE_TEST_SUITE_P(
    AllLayouts, HeadsOracle,
    testing::Values(Combination{Task::kDetect, HeadLayout::kAnchorFree, "DetectAnchorFree"},
                    Combination{Task::kDetect, HeadLayout::kAnchorBased, "DetectAnchorBased"},
                    Combination{Task::kDetect, HeadLayout::kEndToEnd, "DetectEndToEnd"},
                    Combination{Task::kSegment, HeadLayout::kAnchorFree, "SegmentAnchorFree"},
                    Combination{Task::kSegment, HeadLayout::kAnchorBased, "SegmentAnchorBased"},
                    Combination{Task::kSegment, HeadLayout::kEndToEnd, "SegmentEndToEnd"},
                    Combination{Task::kPose, HeadLayout::kAnchorFree, "PoseAnchorFree"},
                    Combination{Task::kPose, HeadLayout::kEndToEnd, "PoseEndToEnd"},
                    Combination{Task::kObb, HeadLayout::kAnchorFree, "ObbAnchorFree"},
                    Combination{Task::kObb, HeadLayout::kEndToEnd, "ObbEndToEnd"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace bulkhead::yolo
