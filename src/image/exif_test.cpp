// SPDX-License-Identifier: Apache-2.0
#include "image/exif.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bulkhead::image {
namespace {

using namespace std::string_literals;

Orientation Parse(std::string_view exif) {
  return ParseExifOrientation(std::as_bytes(std::span(exif)));
}

// A little-endian block with one directory of one entry: type SHORT, count 1.
std::string Little(char orientation) {
  return "II\x2A\0\x08\0\0\0"s + "\x01\0"s + "\x12\x01\x03\0\x01\0\0\0"s + orientation + "\0\0\0"s;
}

std::string Big(char orientation) {
  return "MM\0\x2A\0\0\0\x08"s + "\0\x01"s + "\x01\x12\0\x03\0\0\0\x01\0"s + orientation + "\0\0"s;
}

TEST(Exif, ReadsBothByteOrders) {
  for (char value = 1; value <= 8; ++value) {
    EXPECT_EQ(Parse(Little(value)), static_cast<Orientation>(value));
    EXPECT_EQ(Parse(Big(value)), static_cast<Orientation>(value));
  }
}

TEST(Exif, AllowsThePrefixOfJpeg) {
  EXPECT_EQ(Parse("Exif\0\0"s + Little(6)), Orientation::kNeedsClockwise);
}

TEST(Exif, TakesValuesOutsideOneToEightAsUpright) {
  EXPECT_EQ(Parse(Little(0)), Orientation::kUpright);
  EXPECT_EQ(Parse(Little(9)), Orientation::kUpright);
  EXPECT_EQ(Parse(Big('\xFF')), Orientation::kUpright);
}

TEST(Exif, TakesAnOrientationOfAnotherTypeAsUpright) {
  std::string exif = Little(6);
  exif[12] = 4;  // LONG
  EXPECT_EQ(Parse(exif), Orientation::kUpright);
}

TEST(Exif, FindsTheEntryBehindOthers) {
  std::string exif = Little(3);
  exif[8] = 2;
  exif.insert(10, "\x0F\x01\x02\0\x01\0\0\0abcd"s);
  EXPECT_EQ(Parse(exif), Orientation::kUpsideDown);
}

TEST(Exif, StopsWhereTheBytesDo) {
  for (const std::string& whole : {Little(6), Big(6)}) {
    const std::size_t needed = whole.size();
    for (std::size_t size = 0; size < needed; ++size) {
      const std::string part = whole.substr(0, size);
      EXPECT_EQ(Parse(part), Orientation::kUpright) << size;
    }
  }
}

TEST(Exif, StopsAtADirectoryOutsideTheBlock) {
  std::string exif = Little(6);
  exif.replace(4, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(Parse(exif), Orientation::kUpright);
}

TEST(JpegOrientation, SkipsOtherSegmentsAndFillBytes) {
  const std::string exif = "Exif\0\0"s + Little(8);
  const std::string app1 = "\xFF\xFF\xE1\0"s + static_cast<char>(exif.size() + 2) + exif;
  const std::string xmp = "\xFF\xE1\0\x06http"s;
  const std::string jpeg = "\xFF\xD8"s + "\xFF\xE0\0\x04JF"s + xmp + app1 + "\xFF\xDA"s;
  EXPECT_EQ(ParseJpegOrientation(std::as_bytes(std::span(jpeg))), Orientation::kNeedsAnticlockwise);
}

TEST(JpegOrientation, IgnoresWhatComesAfterTheScan) {
  const std::string exif = "Exif\0\0"s + Little(8);
  const std::string jpeg =
      "\xFF\xD8\xFF\xDA\0\x02\xFF\xE1\0"s + static_cast<char>(exif.size() + 2) + exif;
  EXPECT_EQ(ParseJpegOrientation(std::as_bytes(std::span(jpeg))), Orientation::kUpright);
}

TEST(PngOrientation, FindsTheChunkBehindAnother) {
  const std::string exif = Big(7);
  const std::string png = "\x89PNG\r\n\x1A\n"s + "\0\0\0\x02IHDRabCRC."s + "\0\0\0"s +
                          static_cast<char>(exif.size()) + "eXIf"s + exif + "CRC."s;
  EXPECT_EQ(ParsePngOrientation(std::as_bytes(std::span(png))), Orientation::kTransverse);
}

TEST(WebpOrientation, FindsTheChunkBehindAnOddOne) {
  const std::string exif = Little(5);
  const std::string webp = "RIFF____WEBP"s + "VP8 \x03\0\0\0abc\0"s + "EXIF"s +
                           static_cast<char>(exif.size()) + "\0\0\0"s + exif;
  EXPECT_EQ(ParseWebpOrientation(std::as_bytes(std::span(webp))), Orientation::kTransposed);
}

}  // namespace
}  // namespace bulkhead::image
