// SPDX-License-Identifier: Apache-2.0
#include "yolo/masks.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yolo/resample.h"

namespace bulkhead::yolo {
namespace {

using testing::Each;
using testing::ElementsAre;

// 16 x 8 input of a 32 x 16 picture without padding; prototypes are a quarter of the input.
constexpr Letterbox kLetterbox{16, 8, 16, 8, 0, 0, 0.5};
constexpr int kWidth = 32;
constexpr int kHeight = 16;

// One prototype, positive in its left half.
const std::vector<float> kLeftHalf = {1, 1, -1, -1, 1, 1, -1, -1};
const Prototypes kPrototypes{kLeftHalf, 1, 2, 4};
const std::vector<float> kOne = {1};

base::Result<std::optional<Mask>> Cut(const Prototypes& prototypes, const Box& box) {
  const Box picture{box.x1 * 2, box.y1 * 2, box.x2 * 2, box.y2 * 2};
  return CutMask({prototypes, kLetterbox, kWidth, kHeight}, {kOne, box, picture});
}

TEST(CutMask, CoversThePixelsOfTheBoxOnly) {
  const auto cut = Cut(kPrototypes, {1, 2, 12, 5});
  ASSERT_TRUE(cut.ok() && cut.value());
  const Mask& mask = *cut.value();
  EXPECT_EQ(mask.x, 2);
  EXPECT_EQ(mask.y, 4);
  EXPECT_EQ(mask.width, 22);
  EXPECT_EQ(mask.height, 6);
  ASSERT_EQ(mask.bits.size(), 22U * 6U);
  for (int i = 0; i < 22 * 6; ++i) {
    // The logits cross zero in the middle of the picture.
    EXPECT_EQ(mask.bits[static_cast<std::size_t>(i)], mask.x + i % 22 < 16 ? 1 : 0) << i;
  }
}

TEST(CutMask, StartsAtTheFirstPixelWhoseCornerIsInside) {
  const auto cut = CutMask({kPrototypes, kLetterbox, kWidth, kHeight},
                           {kOne, {0, 0, 8, 8}, {2.25F, 3, 5.0F, 6.5F}});
  ASSERT_TRUE(cut.ok() && cut.value());
  EXPECT_EQ(cut.value()->x, 3);
  EXPECT_EQ(cut.value()->width, 2);
  EXPECT_EQ(cut.value()->y, 3);
  EXPECT_EQ(cut.value()->height, 4);
}

TEST(CutMask, IsNothingWhenNoInputPixelInTheBoxIsAnObject) {
  const auto right = Cut(kPrototypes, {9, 0, 16, 8});
  ASSERT_TRUE(right.ok());
  EXPECT_FALSE(right.value().has_value());
  EXPECT_TRUE(Cut(kPrototypes, {7, 0, 16, 8}).value().has_value());
}

TEST(CutMask, IsNothingForABoxWithoutPixels) {
  for (const Box& box : {Box{3, 3, 3, 3}, Box{5, 0, 2, 8}, Box{-9, -9, -1, -1},
                         Box{1e30F, 0, 2e30F, 8}, Box{2.25F, 0, 2.75F, 8}}) {
    const auto cut = Cut(kPrototypes, box);
    ASSERT_TRUE(cut.ok());
    EXPECT_FALSE(cut.value().has_value());
  }
}

TEST(CutMask, SurvivesABoxAsLargeAsFloatsGet) {
  constexpr float kMax = std::numeric_limits<float>::max();
  const auto cut = CutMask({kPrototypes, kLetterbox, kWidth, kHeight},
                           {kOne, {-kMax, -kMax, kMax, kMax}, {0, 0, kWidth, kHeight}});
  ASSERT_TRUE(cut.ok() && cut.value());
  EXPECT_EQ(cut.value()->bits.size(), static_cast<std::size_t>(kWidth * kHeight));
}

TEST(CutMask, IgnoresThePaddingInThePicture) {
  // The picture fills the middle half of the input's width; only the padding is an object.
  const std::vector<float> edges = {1, -1, -1, 1, 1, -1, -1, 1};
  const Letterbox padded{16, 8, 8, 8, 4, 0, 1};
  const auto cut = CutMask({{edges, 1, 2, 4}, padded, 8, 8}, {kOne, {0, 0, 16, 8}, {0, 0, 8, 8}});
  ASSERT_TRUE(cut.ok() && cut.value());
  EXPECT_EQ(cut.value()->bits.size(), 64U);
  EXPECT_THAT(cut.value()->bits, Each(0));
}

TEST(CutMask, IsEmptyButThereWhenTheBoxLiesInThePadding) {
  const std::vector<float> all(8, 1.0F);
  const Letterbox padded{16, 8, 8, 8, 4, 0, 1};
  const auto cut = CutMask({{all, 1, 2, 4}, padded, 8, 8}, {kOne, {0, 0, 4, 8}, {0, 0, 0, 8}});
  ASSERT_TRUE(cut.ok() && cut.value());
  EXPECT_EQ(cut.value()->width, 0);
  EXPECT_EQ(cut.value()->height, 0);
  EXPECT_TRUE(cut.value()->bits.empty());
}

TEST(CutMask, KeepsAnEmptyMaskForTheYolov5Repository) {
  for (const Box& box : {Box{9, 0, 16, 8}, Box{3, 3, 3, 3}}) {
    const Box picture{box.x1 * 2, box.y1 * 2, box.x2 * 2, box.y2 * 2};
    const auto cut = CutMask({kPrototypes, kLetterbox, kWidth, kHeight, HeadLayout::kAnchorBased},
                             {kOne, box, picture});
    ASSERT_TRUE(cut.ok() && cut.value());
    EXPECT_THAT(cut.value()->bits, Each(0));
  }
}

TEST(CutMask, MixesProbabilitiesForTheYolov5Repository) {
  // Between a logit of 9 and one of -1 the logits cross zero after 90 % of the way, the
  // probabilities .9999 and .27 cross a half after 68 %.
  const std::vector<float> values = {9, -1, 9, -1};
  const Prototypes prototypes{values, 1, 2, 2};
  const Letterbox letterbox{8, 8, 8, 8, 0, 0, 0.04};
  const auto columns_of = [&](HeadLayout head) {
    const auto cut =
        CutMask({prototypes, letterbox, 200, 200, head}, {kOne, {0, 0, 8, 8}, {0, 0, 200, 1}});
    return std::count(cut.value()->bits.begin(), cut.value()->bits.end(), 1);
  };
  // The first cell's centre is at pixel 50, the second's at 150.
  EXPECT_EQ(columns_of(HeadLayout::kAnchorFree), 140);
  EXPECT_EQ(columns_of(HeadLayout::kAnchorBased), 118);
}

TEST(CutMask, RefusesLogitsThatAreNotFinite) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    auto values = kLeftHalf;
    values[1] = bad;
    const auto cut = Cut({values, 1, 2, 4}, {0, 0, 8, 8});
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.error().code, base::Code::kCorrupt);
  }
}

TEST(BilinearTaps, SampleAtHalfPixelCentres) {
  const auto taps = BilinearTaps({0, 4}, 2, 4);
  ASSERT_EQ(taps.size(), 4U);
  EXPECT_EQ(taps[0].high_weight, 0);  // -0.25 is taken for 0
  EXPECT_FLOAT_EQ(taps[1].high_weight, 0.25F);
  EXPECT_FLOAT_EQ(taps[2].high_weight, 0.75F);
  EXPECT_EQ(taps[3].low, 1);
  EXPECT_EQ(taps[3].high, 1);  // the last sample is repeated
}

TEST(Resample, MixesRowsAndColumns) {
  PlanePart part({0, 2}, {0, 2});
  part.values = {0, 4, 8, 12};
  const std::vector<Tap> middle = {{0, 1, 0.25F}};
  std::vector<float> seen;
  Resample(part, middle, middle, [&](std::size_t, std::span<const float> row) {
    seen.insert(seen.end(), row.begin(), row.end());
    return true;
  });
  EXPECT_THAT(seen, ElementsAre(0.25F * 4 + 0.25F * 8));
}

TEST(Resample, StopsWhenItIsToldTo) {
  PlanePart part({0, 2}, {0, 2});
  const std::vector<Tap> both = {{0, 0, 0}, {1, 1, 0}};
  int rows = 0;
  Resample(part, both, both, [&](std::size_t, std::span<const float>) { return ++rows < 1; });
  EXPECT_EQ(rows, 1);
}

}  // namespace
}  // namespace bulkhead::yolo
