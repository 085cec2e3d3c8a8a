// SPDX-License-Identifier: Apache-2.0
#include "yolo/raster.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

using image::Image;

constexpr Color kBlack{0, 0, 0};
constexpr Color kRed{255, 0, 0};
constexpr float kHuge = std::numeric_limits<float>::max();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Image Black(int width, int height) {
  Image picture;
  picture.Reshape(width, height);
  std::ranges::fill(picture.pixels(), uint8_t{0});
  return picture;
}

Color At(const Image& picture, int x, int y) {
  const uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

bool IsUntouched(const Image& picture) {
  return std::ranges::all_of(picture.pixels(), [](uint8_t value) { return value == 0; });
}

TEST(FillRect, FillsUpToButNotWithTheRightAndBottom) {
  Image picture = Black(10, 10);
  FillRect({2, 3, 5, 6}, kRed, picture);
  EXPECT_EQ(At(picture, 2, 3), kRed);
  EXPECT_EQ(At(picture, 4, 5), kRed);
  EXPECT_EQ(At(picture, 5, 5), kBlack);
  EXPECT_EQ(At(picture, 4, 6), kBlack);
  EXPECT_EQ(At(picture, 1, 3), kBlack);
}

TEST(FillRect, DrawsNothingWhenTurnedInsideOut) {
  Image picture = Black(10, 10);
  FillRect({5, 6, 2, 3}, kRed, picture);
  EXPECT_TRUE(IsUntouched(picture));
}

TEST(SnapToPixel, StaysFarFromOverflow) {
  EXPECT_EQ(SnapToPixel(2.5), 3);
  EXPECT_EQ(SnapToPixel(-2.4), -2);
  EXPECT_EQ(SnapToPixel(1e300), 1'000'000'000);
  EXPECT_EQ(SnapToPixel(-std::numeric_limits<double>::infinity()), -1'000'000'000);
  EXPECT_EQ(SnapToPixel(kNan), 0);
}

TEST(DrawLine, ColoursItsPixelsAndNoOthers) {
  Image picture = Black(20, 20);
  DrawLine({2, 10}, {18, 10}, 2, kRed, picture);
  EXPECT_EQ(At(picture, 10, 9), kRed);
  EXPECT_EQ(At(picture, 10, 10), kRed);
  EXPECT_EQ(At(picture, 10, 7), kBlack);
  EXPECT_EQ(At(picture, 10, 12), kBlack);
  EXPECT_EQ(At(picture, 0, 10), kBlack);
}

TEST(DrawLine, FollowsADiagonal) {
  Image picture = Black(40, 40);
  DrawLine({0, 40}, {40, 0}, 3, kRed, picture);
  for (int x = 0; x < 40; ++x) EXPECT_EQ(At(picture, x, 39 - x), kRed) << x;
  EXPECT_EQ(At(picture, 5, 5), kBlack);
  EXPECT_EQ(At(picture, 30, 30), kBlack);
}

// Every pixel against the definition: the distance to a line.
TEST(DrawLine, ColoursWhatIsNearerThanHalfItsThickness) {
  Image picture = Black(60, 60);
  DrawLine({7, 13}, {50, 41}, 5, kRed, picture);
  const double length = std::hypot(43, 28);
  for (int y = 20; y < 35; ++y) {
    for (int x = 20; x < 38; ++x) {
      const double distance = std::abs(28 * (x + 0.5 - 7) - 43 * (y + 0.5 - 13)) / length;
      if (distance > 2 && distance < 3) continue;  // the smooth edge
      EXPECT_EQ(At(picture, x, y), distance < 2.5 ? kRed : kBlack) << x << "," << y;
    }
  }
}

TEST(DrawLine, DrawsThePartInsideOfALineThatIsMostlyOutside) {
  Image picture = Black(20, 20);
  DrawLine({-kHuge, 10}, {kHuge, 10}, 2, kRed, picture);
  EXPECT_EQ(At(picture, 0, 10), kRed);
  EXPECT_EQ(At(picture, 19, 9), kRed);
  EXPECT_EQ(At(picture, 10, 2), kBlack);
}

TEST(DrawLine, IgnoresWhatIsNotANumberOrOutside) {
  Image picture = Black(20, 20);
  const double infinity = std::numeric_limits<double>::infinity();
  DrawLine({kNan, 10}, {18, 10}, 2, kRed, picture);
  DrawLine({2, 10}, {18, -infinity}, 2, kRed, picture);
  DrawLine({-50, -50}, {100, -40}, 2, kRed, picture);
  DrawLine({kHuge, kHuge}, {kHuge, kHuge}, 2, kRed, picture);
  EXPECT_TRUE(IsUntouched(picture));
}

TEST(FillDisc, IsRound) {
  Image picture = Black(21, 21);
  FillDisc({10.5, 10.5}, 6, kRed, picture);
  EXPECT_EQ(At(picture, 10, 10), kRed);
  EXPECT_EQ(At(picture, 15, 10), kRed);
  EXPECT_EQ(At(picture, 10, 5), kRed);
  EXPECT_EQ(At(picture, 15, 15), kBlack);
  EXPECT_EQ(At(picture, 18, 10), kBlack);
}

TEST(TintMask, MixesTheColourIntoItsPixelsOnly) {
  Image picture = Black(10, 10);
  TintMask({.x = 3, .y = 4, .width = 2, .height = 2, .bits = {1, 0, 0, 1}}, kRed, picture);
  EXPECT_EQ(At(picture, 3, 4), (Color{128, 0, 0}));
  EXPECT_EQ(At(picture, 4, 4), kBlack);
  EXPECT_EQ(At(picture, 3, 5), kBlack);
  EXPECT_EQ(At(picture, 4, 5), (Color{128, 0, 0}));
}

TEST(TintMask, IsClippedToThePicture) {
  Image picture = Black(4, 4);
  const std::vector<uint8_t> ones(100, 1);
  TintMask({.x = -8, .y = -8, .width = 10, .height = 10, .bits = ones}, kRed, picture);
  EXPECT_EQ(At(picture, 1, 1), (Color{128, 0, 0}));
  EXPECT_EQ(At(picture, 2, 1), kBlack);
  const int far = std::numeric_limits<int>::max();
  TintMask({.x = far, .y = -far, .width = 10, .height = 10, .bits = ones}, kRed, picture);
  EXPECT_EQ(At(picture, 3, 3), kBlack);
}

TEST(TintMask, IgnoresAMaskWithFewerBitsThanItSays) {
  Image picture = Black(4, 4);
  TintMask({.width = 3, .height = 2, .bits = std::vector<uint8_t>(5, 1)}, kRed, picture);
  TintMask({.width = -3, .height = -2, .bits = std::vector<uint8_t>(6, 1)}, kRed, picture);
  const int far = std::numeric_limits<int>::max();
  TintMask({.width = far, .height = far, .bits = std::vector<uint8_t>(6, 1)}, kRed, picture);
  EXPECT_TRUE(IsUntouched(picture));
}

}  // namespace
}  // namespace bulkhead::yolo
