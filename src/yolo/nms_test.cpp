// SPDX-License-Identifier: Apache-2.0
#include "yolo/nms.h"

#include <cmath>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yolo/rotated_iou.h"

namespace bulkhead::yolo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// IoU of the first two is exactly 0.5; the third touches neither.
const std::vector<Box> kBoxes = {{0, 0, 10, 10}, {0, 0, 10, 5}, {20, 20, 30, 30}};

std::vector<int> Suppress(const std::vector<float>& scores, const std::vector<int>& classes,
                          const NmsOptions& options) {
  return SuppressBoxes(kBoxes, scores, classes, options);
}

TEST(OrderByScore, SortsFallingAndKeepsTheOrderOfEquals) {
  const std::vector<float> scores = {0.5F, -0.0F, 0.9F, 0.5F, 0.0F, -1.0F};
  EXPECT_THAT(OrderByScore(scores), ElementsAre(2, 0, 3, 1, 4, 5));
}

TEST(SuppressBoxes, DropsWhatOverlapsABetterBoxOfItsClass) {
  EXPECT_THAT(Suppress({0.5F, 0.9F, 0.7F}, {1, 1, 1}, {.iou_max = 0.4F}), ElementsAre(1, 2));
}

TEST(SuppressBoxes, KeepsAnOverlapThatEqualsTheThreshold) {
  EXPECT_THAT(Suppress({0.9F, 0.8F, 0.7F}, {1, 1, 1}, {.iou_max = 0.5F}), ElementsAre(0, 1, 2));
  EXPECT_THAT(Suppress({0.9F, 0.8F, 0.7F}, {1, 1, 1}, {.iou_max = std::nextafter(0.5F, 0.0F)}),
              ElementsAre(0, 2));
}

TEST(SuppressBoxes, KeepsOverlapsOfDifferentClassesUnlessAgnostic) {
  const std::vector<float> scores = {0.9F, 0.8F, 0.7F};
  EXPECT_THAT(Suppress(scores, {5, -3, 5}, {.iou_max = 0.1F}), ElementsAre(0, 1, 2));
  EXPECT_THAT(Suppress(scores, {5, -3, 5}, {.iou_max = 0.1F, .class_agnostic = true}),
              ElementsAre(0, 2));
}

TEST(SuppressBoxes, LetsTheFirstOfEqualScoresWin) {
  EXPECT_THAT(Suppress({0.5F, 0.5F, 0.5F}, {0, 0, 0}, {.iou_max = 0.1F}), ElementsAre(0, 2));
}

TEST(SuppressBoxes, StopsAtTheWantedNumber) {
  EXPECT_THAT(Suppress({0.1F, 0.2F, 0.3F}, {0, 0, 0}, {.keep_max = 2}), ElementsAre(2, 1));
}

TEST(SuppressBoxes, DoesNotLetADroppedBoxSuppress) {
  // The second overlaps both neighbours, which do not overlap each other.
  const std::vector<Box> chain = {{0, 0, 10, 10}, {0, 4, 10, 14}, {0, 8, 10, 18}};
  const std::vector<float> scores = {0.9F, 0.8F, 0.7F};
  const std::vector<int> classes = {0, 0, 0};
  EXPECT_THAT(SuppressBoxes(chain, scores, classes, {.iou_max = 0.3F}), ElementsAre(0, 2));
}

TEST(SuppressBoxes, TakesNothing) { EXPECT_THAT(SuppressBoxes({}, {}, {}, {}), IsEmpty()); }

TEST(SuppressBoxes, KeepsBoxesWithoutArea) {
  const std::vector<Box> points = {{5, 5, 5, 5}, {5, 5, 5, 5}, {6, 6, 4, 4}};
  const std::vector<float> scores = {0.9F, 0.8F, 0.7F};
  const std::vector<int> classes = {0, 0, 0};
  EXPECT_THAT(SuppressBoxes(points, scores, classes, {.iou_max = 0}), ElementsAre(0, 1, 2));
}

TEST(ProbabilisticIou, IsNearlyOneForTheSameBoxAndNearlyZeroFarAway) {
  const GaussianBox box = ToGaussian({50, 50, 40, 10, 0.5F});
  EXPECT_NEAR(ProbabilisticIou(box, box), 1.0, 1e-3);
  EXPECT_NEAR(ProbabilisticIou(box, ToGaussian({500, 50, 40, 10, 0.5F})), 0.0, 1e-6);
}

TEST(ProbabilisticIou, IsTheClosedFormForUprightSquares) {
  // Equal covariances s^2/12 I: the distance is d^2 / 8 / (s^2 / 12), the shapes add nothing.
  const double distance = 6.0 * 6.0 / 8.0 / (12.0 * 12.0 / 12.0);
  EXPECT_NEAR(ProbabilisticIou(ToGaussian({0, 0, 12, 12, 0}), ToGaussian({6, 0, 12, 12, 0})),
              1.0 - std::sqrt(1.0 - std::exp(-distance)), 1e-6);
}

TEST(ProbabilisticIou, SeesAQuarterTurnAsSwappedSides) {
  const GaussianBox other = ToGaussian({12, 3, 30, 8, 0.2F});
  const auto quarter = static_cast<float>(std::numbers::pi / 2);
  EXPECT_NEAR(ProbabilisticIou(ToGaussian({10, 0, 40, 10, 0}), other),
              ProbabilisticIou(ToGaussian({10, 0, 10, 40, quarter}), other), 1e-6);
}

TEST(SuppressRotatedBoxes, SeesTheAngle) {
  const auto quarter = static_cast<float>(std::numbers::pi / 2);
  const std::vector<RotatedBox> crossed = {{50, 50, 80, 10, 0}, {50, 50, 80, 10, quarter}};
  const std::vector<RotatedBox> turned = {{50, 50, 80, 10, 0}, {50, 50, 10, 80, quarter}};
  const std::vector<float> scores = {0.8F, 0.9F};
  const std::vector<int> classes = {0, 0};
  EXPECT_THAT(SuppressRotatedBoxes(crossed, scores, classes, {}), ElementsAre(1, 0));
  EXPECT_THAT(SuppressRotatedBoxes(turned, scores, classes, {}), ElementsAre(1));
}

TEST(SuppressRotatedBoxes, LetsADroppedBoxSuppress) {
  const std::vector<RotatedBox> chain = {{0, 5, 10, 10, 0}, {0, 7, 10, 10, 0}, {0, 9, 10, 10, 0}};
  const std::vector<float> scores = {0.9F, 0.8F, 0.7F};
  const double near = ProbabilisticIou(ToGaussian(chain[0]), ToGaussian(chain[1]));
  const double far = ProbabilisticIou(ToGaussian(chain[0]), ToGaussian(chain[2]));
  ASSERT_LT(far, near);
  const auto between = static_cast<float>((near + far) / 2);
  EXPECT_THAT(SuppressRotatedBoxes(chain, scores, std::vector<int>{0, 0, 0}, {.iou_max = between}),
              ElementsAre(0));
  EXPECT_THAT(SuppressRotatedBoxes(chain, scores, std::vector<int>{0, 1, 0}, {.iou_max = between}),
              ElementsAre(0, 1, 2));
  EXPECT_THAT(SuppressRotatedBoxes(chain, scores, std::vector<int>{0, 1, 0},
                                   {.iou_max = between, .class_agnostic = true}),
              ElementsAre(0));
}

TEST(SuppressRotatedBoxes, StopsAtTheWantedNumber) {
  const std::vector<RotatedBox> apart = {{0, 0, 5, 5, 0}, {99, 0, 5, 5, 0}, {0, 99, 5, 5, 0}};
  const std::vector<float> scores = {0.1F, 0.2F, 0.3F};
  EXPECT_THAT(SuppressRotatedBoxes(apart, scores, std::vector<int>{0, 0, 0}, {.keep_max = 2}),
              ElementsAre(2, 1));
}

TEST(UprightBox, SurroundsTheTurnedCorners) {
  const float half = std::sqrt(2.0F) * 5;
  const Box box = UprightBox({50, 60, 10, 10, static_cast<float>(std::numbers::pi / 4)});
  EXPECT_NEAR(box.x1, 50 - half, 1e-4);
  EXPECT_NEAR(box.y1, 60 - half, 1e-4);
  EXPECT_NEAR(box.x2, 50 + half, 1e-4);
  EXPECT_NEAR(box.y2, 60 + half, 1e-4);
}

}  // namespace
}  // namespace bulkhead::yolo
