// SPDX-License-Identifier: Apache-2.0
#include "yolo/draw.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

using image::Image;
using Rgb = std::tuple<int, int, int>;

constexpr uint8_t kGray = 90;
const Rgb kUntouched{kGray, kGray, kGray};
const std::vector<std::string> kNames = {"cat", "dog"};

Image Gray(int width, int height) {
  Image picture;
  picture.Reshape(width, height);
  std::ranges::fill(picture.pixels(), kGray);
  return picture;
}

Rgb At(const Image& picture, int x, int y) {
  const uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

bool IsUntouched(const Image& picture) {
  return std::ranges::all_of(picture.pixels(), [](uint8_t value) { return value == kGray; });
}

// The colours in a part of the picture.
std::set<Rgb> ColorsIn(const Image& picture, int left, int top, int right, int bottom) {
  std::set<Rgb> colors;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) colors.insert(At(picture, x, y));
  }
  return colors;
}

Detection Boxed(Box box, int class_index = 0) {
  Detection detection;
  detection.class_index = class_index;
  detection.score = 0.87F;
  detection.box = box;
  return detection;
}

Image Draw(std::vector<Detection> detections, int width = 300, int height = 200,
           const std::vector<std::string>& names = kNames) {
  Image picture = Gray(width, height);
  ImageResult result;
  result.detections = std::move(detections);
  DrawResult(result, names, picture);
  return picture;
}

TEST(DrawResult, DrawsTheFourSidesOfABoxAndLeavesItsInside) {
  const Image picture = Draw({Boxed({100, 80, 200, 150})});
  const Rgb color = At(picture, 100, 120);
  EXPECT_NE(color, kUntouched);
  EXPECT_EQ(At(picture, 199, 120), color);
  EXPECT_EQ(At(picture, 150, 149), color);
  EXPECT_EQ(At(picture, 190, 80), color);
  EXPECT_EQ(ColorsIn(picture, 103, 83, 197, 147), std::set{kUntouched});
  EXPECT_EQ(ColorsIn(picture, 0, 155, 300, 200), std::set{kUntouched});
  EXPECT_EQ(ColorsIn(picture, 0, 0, 95, 200), std::set{kUntouched});
}

TEST(DrawResult, PutsTheLabelAboveTheBox) {
  const Image picture = Draw({Boxed({100, 80, 200, 150})});
  const Rgb ground = At(picture, 100, 120);
  const std::set<Rgb> colors = ColorsIn(picture, 100, 69, 140, 79);
  EXPECT_EQ(colors.size(), 2U);  // ground and letters
  EXPECT_TRUE(colors.contains(ground));
  EXPECT_TRUE(colors.contains({0, 0, 0}) || colors.contains({255, 255, 255}));
}

TEST(DrawResult, PutsTheLabelInsideABoxAtTheTopEdge) {
  const Image picture = Draw({Boxed({100, 2, 200, 150})});
  const std::set<Rgb> colors = ColorsIn(picture, 103, 5, 140, 13);
  EXPECT_EQ(colors.size(), 2U);
  EXPECT_FALSE(colors.contains(kUntouched));
}

TEST(DrawResult, KeepsTheLabelOfABoxAtTheRightEdgeInThePicture) {
  const Image at_edge = Draw({Boxed({280, 80, 299, 150})});
  const Rgb ground = At(at_edge, 280, 120);
  // 8 characters of 6 pixels do not fit to the right of 280.
  EXPECT_NE(At(at_edge, 260, 75), kUntouched);
  EXPECT_TRUE(ColorsIn(at_edge, 255, 68, 300, 80).contains(ground));
}

TEST(DrawResult, ShowsABoxAsLargeAsThePicture) {
  for (const int side : {100, 300, 700, 2000}) {
    const Image picture =
        Draw({Boxed({0, 0, static_cast<float>(side), static_cast<float>(side)})}, side, side);
    EXPECT_NE(At(picture, 0, side / 2), kUntouched) << side;
    EXPECT_NE(At(picture, side - 1, side / 2), kUntouched) << side;
    EXPECT_NE(At(picture, side / 2, side - 1), kUntouched) << side;
    EXPECT_EQ(At(picture, side / 2, side / 2), kUntouched) << side;
  }
}

TEST(DrawResult, DrawsThickerLinesAndLargerTextInALargerPicture) {
  const auto ground_rows = [](int side) {
    const auto middle = static_cast<float>(side) / 2;
    const Image picture = Draw({Boxed({middle, middle, middle + 90, middle + 90})}, side, side);
    int rows = 0;
    for (int y = 0; y < side; ++y) rows += At(picture, side / 2, y) != kUntouched ? 1 : 0;
    return rows - 90;  // the label and the outer half of the line
  };
  EXPECT_GT(ground_rows(1500), ground_rows(300) + 15);
}

TEST(DrawResult, GivesClassesDifferentColors) {
  std::set<Rgb> colors;
  for (int index = 0; index < 20; ++index) {
    colors.insert(At(Draw({Boxed({100, 80, 200, 150}, index)}), 100, 120));
  }
  EXPECT_EQ(colors.size(), 20U);
}

TEST(DrawResult, DrawsTheNumberOfAClassWithoutName) {
  const Image named = Draw({Boxed({100, 80, 200, 150}, 1)});
  const Image numbered = Draw({Boxed({100, 80, 200, 150}, 1)}, 300, 200, {});
  // "1 0.87" is shorter than "dog 0.87".
  EXPECT_NE(At(named, 140, 75), kUntouched);
  EXPECT_EQ(At(numbered, 140, 75), kUntouched);
  EXPECT_FALSE(IsUntouched(Draw({Boxed({100, 80, 200, 150}, -7)})));
}

TEST(DrawResult, CutsALongNameOffAtTheRightEdge) {
  const std::vector<std::string> names = {std::string(1'000'000, 'x')};
  const Image picture = Draw({Boxed({100, 80, 200, 150})}, 300, 200, names);
  EXPECT_NE(At(picture, 0, 75), kUntouched);
  EXPECT_NE(At(picture, 299, 75), kUntouched);
}

TEST(DrawResult, DrawsARotatedBoxAsAPolygon) {
  Detection detection = Boxed({100, 50, 200, 150});
  // Its corners are at the middles of the upright box's sides.
  detection.rotated = RotatedBox{150, 100, 70.7107F, 70.7107F, 0.785398F};
  const Image picture = Draw({detection});
  for (const auto& [x, y] : {std::pair{125, 75}, {175, 75}, {125, 125}, {175, 125}}) {
    EXPECT_NE(At(picture, x, y), kUntouched) << x << "," << y;
  }
  EXPECT_EQ(At(picture, 150, 100), kUntouched);
  EXPECT_EQ(At(picture, 105, 145), kUntouched);  // a corner of the upright box
}

TEST(DrawResult, TurnsARotatedBoxClockwise) {
  Detection detection = Boxed({50, 50, 250, 150});
  detection.rotated = RotatedBox{150, 100, 100, 4, 0.5F};
  const Image picture = Draw({detection});
  EXPECT_NE(ColorsIn(picture, 185, 112, 195, 124), std::set{kUntouched});  // down on the right
  EXPECT_EQ(ColorsIn(picture, 185, 76, 195, 88), std::set{kUntouched});
}

TEST(DrawResult, TintsAMaskAndLetsThePictureShine) {
  Detection detection = Boxed({100, 80, 200, 150});
  detection.mask =
      Mask{.x = 120, .y = 100, .width = 30, .height = 20, .bits = std::vector<uint8_t>(600, 1)};
  const Image picture = Draw({detection});
  const auto [red, green, blue] = At(picture, 130, 110);
  const auto [full_red, full_green, full_blue] = At(picture, 100, 120);
  EXPECT_NEAR(red, (full_red + kGray) / 2.0, 1);
  EXPECT_NEAR(green, (full_green + kGray) / 2.0, 1);
  EXPECT_NEAR(blue, (full_blue + kGray) / 2.0, 1);
  EXPECT_EQ(At(picture, 160, 110), kUntouched);
}

TEST(DrawResult, DrawsVisibleKeypointsOnly) {
  Detection detection = Boxed({100, 80, 200, 150});
  detection.keypoints = {{120, 100, 0.9F}, {150, 100, 0.1F}, {180, 100, NAN}};
  const Image picture = Draw({detection});
  EXPECT_EQ(At(picture, 120, 100), At(picture, 100, 120));
  EXPECT_EQ(At(picture, 150, 100), kUntouched);
  EXPECT_EQ(At(picture, 180, 100), kUntouched);
}

TEST(DrawResult, DrawsTheBestFiveClassesInTheCorner) {
  ImageResult result;
  for (int index = 0; index < 9; ++index) result.classes.push_back({index, 0.1F});
  Image picture = Gray(300, 200);
  DrawResult(result, kNames, picture);
  // Five lines of nine dots and four of padding.
  EXPECT_NE(At(picture, 0, 0), kUntouched);
  EXPECT_NE(At(picture, 0, 64), kUntouched);
  EXPECT_EQ(At(picture, 0, 65), kUntouched);
  EXPECT_EQ(At(picture, 299, 0), kUntouched);
}

TEST(DrawResult, IgnoresWhatIsNotANumberOrOutside) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Detection rotated = Boxed({kNan, kNan, kNan, kNan});
  rotated.rotated = RotatedBox{kNan, 5, kInfinity, 5, 1};
  rotated.keypoints = {{kNan, 5, 1}, {5, kInfinity, 1}, {-900, 5, 1}};
  EXPECT_TRUE(IsUntouched(
      Draw({rotated, Boxed({kNan, 10, 20, 30}), Boxed({-kInfinity, 10, 20, 30}),
            Boxed({-90, -90, -20, -20}), Boxed({400, 10, 500, 20}), Boxed({10, 300, 20, 400})})));
}

TEST(DrawResult, DrawsThePartInsideOfAHugeBox) {
  constexpr float kHuge = std::numeric_limits<float>::max();
  Detection rotated = Boxed({-kHuge, -kHuge, kHuge, kHuge}, 3);
  rotated.rotated = RotatedBox{0, 100, kHuge, kHuge, 1e30F};
  const Image picture = Draw({Boxed({-kHuge, 50, kHuge, kHuge}), rotated});
  EXPECT_NE(At(picture, 290, 50), kUntouched);
  EXPECT_EQ(At(picture, 290, 150), kUntouched);
}

TEST(DrawResult, SurvivesEverySmallPicture) {
  Detection detection = Boxed({-5, -5, 20, 20});
  detection.keypoints = {{1, 1, 1}};
  detection.rotated = RotatedBox{2, 2, 3, 3, 0.3F};
  for (int width = 1; width < 12; ++width) {
    for (int height = 1; height < 12; ++height) {
      EXPECT_FALSE(IsUntouched(Draw({detection}, width, height)));
    }
  }
  Image empty;
  ImageResult result;
  result.detections = {detection};
  DrawResult(result, kNames, empty);
  EXPECT_TRUE(empty.empty());
}

}  // namespace
}  // namespace bulkhead::yolo
