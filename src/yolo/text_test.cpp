// SPDX-License-Identifier: Apache-2.0
#include "yolo/text.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "yolo/bitmap_font.h"

namespace bulkhead::yolo {
namespace {

constexpr Color kWhite{255, 255, 255};

// The text at (left, 0) in a black picture, one letter a pixel.
std::string Drawn(std::string_view text, int width, int height, int scale = 1, int64_t left = 0) {
  image::Image picture;
  picture.Reshape(width, height);
  std::ranges::fill(picture.pixels(), uint8_t{0});
  DrawText(text, left, 0, scale, kWhite, picture);
  std::string art;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) art += picture.row(y)[x * 3] == 255 ? '#' : '.';
    art += '\n';
  }
  return art;
}

TEST(Text, DrawsLettersSideBySide) {
  EXPECT_EQ(Drawn("Tp", 12, 9),
            "#####.......\n"
            "..#.........\n"
            "..#...####..\n"
            "..#...#...#.\n"
            "..#...#...#.\n"
            "..#...#...#.\n"
            "..#...####..\n"
            "......#.....\n"
            "......#.....\n");
}

TEST(Text, GrowsWithItsScale) {
  EXPECT_EQ(Drawn("-", 10, 10, 2),
            "..........\n..........\n..........\n..........\n..........\n..........\n"
            "##########\n##########\n..........\n..........\n");
}

TEST(Text, DrawsEachCharacterBeyondAsciiAsOneBox) {
  const std::string box = Drawn("\x7F", 6, 9);
  EXPECT_EQ(Drawn("\xC3\xA9", 6, 9), box);
  EXPECT_EQ(TextWidth("\xC3\xA9", 1), 5);
  EXPECT_EQ(TextWidth("\xE7\x8C\xAB\xF0\x9F\x90\x88", 1), 11);
  EXPECT_NE(box, Drawn(" ", 6, 9));
}

TEST(Text, DrawsBytesThatAreNotUtf8AsBoxes) {
  EXPECT_EQ(TextWidth("\xFF\x80"
                      "a",
                      1),
            17);
  EXPECT_EQ(Drawn("\xC3"
                  "a",
                  12, 9),
            Drawn("\x7F"
                  "a",
                  12, 9));
  EXPECT_EQ(TextWidth("\xE7\x8C", 1), 5);  // ends in the middle of a character
}

TEST(Text, IsClippedOnEverySide) {
  EXPECT_EQ(Drawn("T", 3, 2), "###\n..#\n");
  EXPECT_EQ(Drawn("T", 3, 2, 1, -2), "###\n#..\n");
  EXPECT_EQ(Drawn("TTT", 3, 2, 1, 1'000'000'000), "...\n...\n");
}

TEST(BitmapFont, HasAGlyphOfItsOwnForEveryPrintableCharacter) {
  for (char32_t a = U' '; a <= U'~'; ++a) {
    EXPECT_NE(GlyphOf(a), GlyphOf(U'\x7F')) << static_cast<int>(a);
    for (char32_t b = a + 1; b <= U'~'; ++b) {
      EXPECT_NE(GlyphOf(a), GlyphOf(b)) << static_cast<int>(a) << " and " << static_cast<int>(b);
    }
  }
}

}  // namespace
}  // namespace bulkhead::yolo
