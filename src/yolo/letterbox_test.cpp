// SPDX-License-Identifier: Apache-2.0
// Where the picture lies: sizes, pads, crops and the way back.
#include "yolo/letterbox.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "oracle/letterbox_oracle.h"

namespace bulkhead::yolo {
namespace {

ModelSpec Static(int width, int height) {
  ModelSpec spec;
  spec.input.width = width;
  spec.input.height = height;
  return spec;
}

ModelSpec Dynamic(int width, int height) {
  ModelSpec spec;
  spec.default_width = width;
  spec.default_height = height;
  return spec;
}

ModelSpec Classifier(int width, int height) {
  ModelSpec spec = Static(width, height);
  spec.task = Task::kClassify;
  return spec;
}

void ExpectPlan(const Letterbox& plan, const Letterbox& expected) {
  EXPECT_EQ(plan.input_width, expected.input_width);
  EXPECT_EQ(plan.input_height, expected.input_height);
  EXPECT_EQ(plan.content_width, expected.content_width);
  EXPECT_EQ(plan.content_height, expected.content_height);
  EXPECT_EQ(plan.pad_left, expected.pad_left);
  EXPECT_EQ(plan.pad_top, expected.pad_top);
}

TEST(LetterboxPlan, CentresFullHdInTheStaticSquare) {
  const Letterbox plan = PlanLetterbox(1920, 1080, Static(640, 640));
  ExpectPlan(plan, {640, 640, 640, 360, 0, 140});
  EXPECT_DOUBLE_EQ(plan.gain, 1.0 / 3);
}

TEST(LetterboxPlan, PutsTheOddPixelOfAPadBelow) {
  ExpectPlan(PlanLetterbox(640, 361, Static(640, 640)), {640, 640, 640, 361, 0, 139});
}

TEST(LetterboxPlan, RoundsAHalfPixelToTheEvenSize) {
  ExpectPlan(PlanLetterbox(1280, 721, Static(640, 640)), {640, 640, 640, 360, 0, 140});
  ExpectPlan(PlanLetterbox(1280, 723, Static(640, 640)), {640, 640, 640, 362, 0, 139});
}

TEST(LetterboxPlan, EnlargesSmallPictures) {
  ExpectPlan(PlanLetterbox(10, 20, Static(640, 640)), {640, 640, 320, 640, 160, 0});
}

TEST(LetterboxPlan, KeepsOneRowOfAPictureThatWouldRoundToNone) {
  ExpectPlan(PlanLetterbox(4000, 2, Static(640, 640)), {640, 640, 640, 1, 0, 319});
  ExpectPlan(PlanLetterbox(2, 4000, Static(640, 640)), {640, 640, 1, 640, 319, 0});
}

TEST(LetterboxPlan, ShrinksADynamicInputToWholeStrides) {
  ExpectPlan(PlanLetterbox(1920, 1080, Dynamic(640, 640)), {640, 384, 640, 360, 0, 12});
  ExpectPlan(PlanLetterbox(1080, 1920, Dynamic(640, 640)), {384, 640, 360, 640, 12, 0});
}

TEST(LetterboxPlan, RoundsADynamicDefaultUpToWholeStrides) {
  const Letterbox plan = PlanLetterbox(100, 100, Dynamic(630, 630));
  ExpectPlan(plan, {640, 640, 640, 640, 0, 0});
}

TEST(LetterboxPlan, KeepsAStaticAxisWhenOnlyTheOtherIsDynamic) {
  ModelSpec spec = Dynamic(640, 640);
  spec.input.height = 640;
  ExpectPlan(PlanLetterbox(1920, 1080, spec), {640, 640, 640, 360, 0, 140});
}

TEST(LetterboxPlan, AgreesWithTheOracleForRandomSizes) {
  std::mt19937 random(20240607);
  std::uniform_real_distribution<double> log_size(0, std::log(4000.0));
  for (int i = 0; i < 5000; ++i) {
    const int width = static_cast<int>(std::exp(log_size(random)));
    const int height = static_cast<int>(std::exp(log_size(random)));
    const int target_width = 32 * static_cast<int>(1 + random() % 40);
    const int target_height = 32 * static_cast<int>(1 + random() % 40);
    const bool dynamic = random() % 2 == 0;
    SCOPED_TRACE(testing::Message() << width << "x" << height << " to " << target_width << "x"
                                    << target_height << " dynamic " << dynamic);
    const Letterbox plan = PlanLetterbox(
        width, height,
        dynamic ? Dynamic(target_width, target_height) : Static(target_width, target_height));
    const oracle::PaddedPlan expected =
        oracle::PlanPadded(width, height, target_width, target_height, dynamic, 32);
    const oracle::PadSizes& pads = expected.pads;
    ExpectPlan(plan, {pads.left + expected.content_width + pads.right,
                      pads.top + expected.content_height + pads.bottom, expected.content_width,
                      expected.content_height, pads.left, pads.top});
    ASSERT_FALSE(HasFailure());
    ASSERT_EQ(plan.input_width % 32, 0);
    ASSERT_EQ(plan.input_height % 32, 0);
  }
}

// A detector that sees a box where the letterbox put it must be able to say where it was.
TEST(LetterboxPlan, MapsABoxThereAndBackWithinAThousandthOfAPixel) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const int width = static_cast<int>(1 + random() % 4000);
    const int height = static_cast<int>(1 + random() % 3000);
    const Letterbox plan = PlanLetterbox(width, height, Static(640, 640));
    for (const double share : {0.0, 0.25, 1.0}) {
      const auto in_x = static_cast<float>(share * width * plan.gain + plan.pad_left);
      const auto in_y = static_cast<float>(share * height * plan.gain + plan.pad_top);
      EXPECT_NEAR((double{in_x} - plan.pad_left) / plan.gain, share * width, 1e-3);
      EXPECT_NEAR((double{in_y} - plan.pad_top) / plan.gain, share * height, 1e-3);
    }
    // The content's edges are the picture's edges, but for the rounding to whole pixels.
    EXPECT_LE(std::abs(width * plan.gain - plan.content_width), 1.0);
    EXPECT_LE(std::abs(height * plan.gain - plan.content_height), 1.0);
  }
}

TEST(CropPlan, ResizesTheShorterSideAndTruncatesTheLonger) {
  ExpectPlan(PlanLetterbox(1920, 1080, Classifier(224, 224)), {224, 224, 398, 224, -87, 0});
  ExpectPlan(PlanLetterbox(1079, 1919, Classifier(224, 224)), {224, 224, 224, 398, 0, -87});
}

TEST(CropPlan, RoundsAHalfPixelOfTheCropToTheEvenOne) {
  // 225 - 224 = 1: half a pixel, to 0. 227 - 224 = 3: one and a half, to 2.
  EXPECT_EQ(PlanLetterbox(225, 224, Classifier(224, 224)).pad_left, 0);
  EXPECT_EQ(PlanLetterbox(227, 224, Classifier(224, 224)).pad_left, -2);
}

TEST(CropPlan, StretchesToAnInputThatIsNotSquare) {
  ExpectPlan(PlanLetterbox(300, 100, Classifier(96, 160)), {96, 160, 96, 160, 0, 0});
}

TEST(CropPlan, SurvivesTheMostExtremePictureThatDecodes) {
  const Letterbox plan = PlanLetterbox(65535, 1, Classifier(224, 224));
  EXPECT_EQ(plan.content_width, 224 * 65535);
  EXPECT_EQ(plan.pad_left, -(224 * 65534 / 2));
}

}  // namespace
}  // namespace bulkhead::yolo
