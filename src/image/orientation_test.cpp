// SPDX-License-Identifier: Apache-2.0
#include "image/orientation.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::image {
namespace {

// A picture of letters: "ab/cd/ef" is two wide and three high.
Image Draw(const std::string& letters) {
  const auto width = static_cast<int>(std::min(letters.find('/'), letters.size()));
  Image picture;
  picture.Reshape(width, (static_cast<int>(letters.size()) + 1) / (width + 1));
  auto out = picture.pixels().begin();
  for (const char letter : letters) {
    if (letter == '/') continue;
    for (const int channel : {0, 50, 100}) *out++ = static_cast<uint8_t>(letter + channel);
  }
  return picture;
}

std::string Letters(const Image& picture) {
  std::string letters;
  for (int y = 0; y < picture.height(); ++y) {
    if (y > 0) letters += '/';
    for (const uint8_t* p = picture.row(y); p < picture.row(y) + picture.row_bytes(); p += 3) {
      const bool whole = p[1] == p[0] + 50 && p[2] == p[0] + 100;
      letters += whole ? static_cast<char>(p[0]) : '?';
    }
  }
  return letters;
}

std::string Turned(int orientation, const std::string& letters) {
  Image picture = Draw(letters);
  TurnUpright(static_cast<Orientation>(orientation), picture);
  return Letters(picture);
}

TEST(Orientation, TurnsAllEightUpright) {
  EXPECT_EQ(Turned(1, "abc/def"), "abc/def");
  EXPECT_EQ(Turned(2, "abc/def"), "cba/fed");
  EXPECT_EQ(Turned(3, "abc/def"), "fed/cba");
  EXPECT_EQ(Turned(4, "abc/def"), "def/abc");
  EXPECT_EQ(Turned(5, "abc/def"), "ad/be/cf");
  EXPECT_EQ(Turned(6, "abc/def"), "da/eb/fc");
  EXPECT_EQ(Turned(7, "abc/def"), "fc/eb/da");
  EXPECT_EQ(Turned(8, "abc/def"), "cf/be/ad");
}

TEST(Orientation, TurnsSinglePixelsAndRows) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(Turned(orientation, "a"), "a");
  }
  EXPECT_EQ(Turned(6, "abc"), "a/b/c");
  EXPECT_EQ(Turned(8, "abc"), "c/b/a");
  EXPECT_EQ(Turned(4, "a/b/c"), "c/b/a");
}

// Larger than the squares that the transposition works in, with a rest on both sides.
TEST(Orientation, TransposesALargePicture) {
  constexpr int kWidth = 75;
  constexpr int kHeight = 41;
  Image picture;
  picture.Reshape(kWidth, kHeight);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      picture.row(y)[x * 3] = static_cast<uint8_t>(x);
      picture.row(y)[x * 3 + 1] = static_cast<uint8_t>(y);
      picture.row(y)[x * 3 + 2] = 9;
    }
  }
  TurnUpright(Orientation::kTransposed, picture);
  ASSERT_EQ(picture.width(), kHeight);
  ASSERT_EQ(picture.height(), kWidth);
  for (int y = 0; y < kWidth; ++y) {
    for (int x = 0; x < kHeight; ++x) {
      ASSERT_EQ(picture.row(y)[x * 3], y);
      ASSERT_EQ(picture.row(y)[x * 3 + 1], x);
      ASSERT_EQ(picture.row(y)[x * 3 + 2], 9);
    }
  }
}

TEST(Orientation, LeavesAnEmptyPictureAlone) {
  Image picture;
  TurnUpright(Orientation::kNeedsClockwise, picture);
  EXPECT_TRUE(picture.empty());
}

}  // namespace
}  // namespace bulkhead::image
