// SPDX-License-Identifier: Apache-2.0
#include "yolo/candidates.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<Candidate> Scan(const std::vector<float>& scores, std::size_t anchors, float min) {
  const auto found = ScanClassMajor(scores, anchors, min);
  EXPECT_TRUE(found.ok());
  return found.ok() ? found.value() : std::vector<Candidate>();
}

TEST(ScanClassMajor, FindsTheBestClassOfEachAnchor) {
  const auto found = Scan({0.3F, 0.1F, 0.5F,  //
                           0.6F, 0.2F, 0.4F},
                          3, 0.25F);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].row, 0U);
  EXPECT_EQ(found[0].class_index, 1);
  EXPECT_EQ(found[0].score, 0.6F);
  EXPECT_EQ(found[1].row, 2U);
  EXPECT_EQ(found[1].class_index, 0);
}

TEST(ScanClassMajor, DropsAScoreThatEqualsTheThreshold) {
  const float above = std::nextafter(0.25F, 1.0F);
  const auto found = Scan({0.25F, above}, 2, 0.25F);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].row, 1U);
}

TEST(ScanClassMajor, PrefersTheFirstOfEqualClasses) {
  const auto found = Scan({0.1F, 0.5F, 0.5F}, 1, 0.25F);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_index, 1);
}

TEST(ScanClassMajor, FindsNothingInAnEmptyOutput) { EXPECT_TRUE(Scan({}, 0, 0.25F).empty()); }

TEST(ScanClassMajor, FindsEveryAnchorAroundTheEdgesOfABlock) {
  for (const std::size_t anchors : {1U, 511U, 512U, 513U, 1024U, 1030U}) {
    std::vector<float> scores(3 * anchors, 0.0F);
    for (const std::size_t anchor : {std::size_t{0}, anchors / 2, anchors - 1}) {
      scores[2 * anchors + anchor] = 0.9F;
    }
    const auto found = Scan(scores, anchors, 0.25F);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().row, 0U);
    EXPECT_EQ(found.back().row, anchors - 1);
    for (const Candidate& candidate : found) EXPECT_EQ(candidate.class_index, 2);
  }
}

TEST(ScanClassMajor, RefusesNanAndInfinityWhereverTheyAre) {
  for (const float bad : {kNan, -kNan, kInfinity}) {
    for (std::size_t at = 0; at < 1800; at += 257) {
      std::vector<float> scores(1800, 0.0F);
      scores[at] = bad;
      const auto found = ScanClassMajor(scores, 600, 0.25F);
      ASSERT_FALSE(found.ok()) << bad << " at " << at;
      EXPECT_EQ(found.error().code, base::Code::kCorrupt);
    }
  }
}

TEST(ScanClassMajor, TakesMinusInfinityForAVeryLowScore) {
  EXPECT_EQ(Scan({-kInfinity, 0.5F}, 2, 0.25F).size(), 1U);
}

// Box, objectness, two classes, one extra.
std::vector<float> AnchorRow(float objectness, float first, float second) {
  return {1, 2, 3, 4, objectness, first, second, 9};
}

TEST(ScanAnchorRows, MultipliesObjectnessAndClass) {
  const auto found = ScanAnchorRows(AnchorRow(0.5F, 0.6F, 0.8F), 8, 2, 0.25F);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found.value()[0].class_index, 1);
  EXPECT_FLOAT_EQ(found.value()[0].score, 0.4F);
}

TEST(ScanAnchorRows, NeedsObjectnessAboveTheThresholdToo) {
  // 0.25 x 2 is above the threshold, but the objectness is not.
  EXPECT_TRUE(ScanAnchorRows(AnchorRow(0.25F, 2.0F, 0), 8, 2, 0.25F).value().empty());
  EXPECT_TRUE(ScanAnchorRows(AnchorRow(0.5F, 0.5F, 0), 8, 2, 0.25F).value().empty());
  EXPECT_EQ(ScanAnchorRows(AnchorRow(0.5F, 0.51F, 0), 8, 2, 0.25F).value().size(), 1U);
}

TEST(ScanAnchorRows, RefusesNanAndInfinityAmongTheScoresItReads) {
  for (const auto& row :
       {AnchorRow(kNan, 0.1F, 0.1F), AnchorRow(kInfinity, 0.1F, 0.1F), AnchorRow(0.9F, kNan, 0.9F),
        AnchorRow(0.9F, 0.9F, kNan), AnchorRow(0.9F, 0.9F, kInfinity)}) {
    const auto found = ScanAnchorRows(row, 8, 2, 0.25F);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code, base::Code::kCorrupt);
  }
  EXPECT_TRUE(ScanAnchorRows(AnchorRow(0.1F, kNan, 0.9F), 8, 2, 0.25F).ok());
}

TEST(KeepClasses, KeepsTheListedOnesOrAll) {
  std::vector<Candidate> candidates = {{0.5F, 0, 0}, {0.5F, 1, 1}, {0.5F, 2, 2}};
  KeepClasses(candidates, {});
  EXPECT_EQ(candidates.size(), 3U);
  const std::vector<int> wanted = {2, 0, 7};
  KeepClasses(candidates, wanted);
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0].class_index, 0);
  EXPECT_EQ(candidates[1].class_index, 2);
}

TEST(KeepBest, CutsByScoreAndKeepsTheOrderOfRows) {
  std::vector<Candidate> candidates = {{0.3F, 0, 0}, {0.9F, 0, 1}, {0.5F, 0, 2}, {0.5F, 0, 3}};
  KeepBest(candidates, 4);
  EXPECT_EQ(candidates.size(), 4U);
  KeepBest(candidates, 2);
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0].row, 1U);
  EXPECT_EQ(candidates[1].row, 2U);
}

}  // namespace
}  // namespace bulkhead::yolo
