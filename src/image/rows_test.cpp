// SPDX-License-Identifier: Apache-2.0
// Every form of picture, row by row: the same pixels and the same errors as decoded at once.
#include "image/rows.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "image/decode.h"
#include "image/image_rows.h"
#include "image/test_pictures.h"

namespace bulkhead::image {
namespace {

using base::Code;

// The picture's rows put together, or the error that reading them ended with.
base::Result<Pixels> ReadAll(std::span<const std::byte> encoded, const DecodeLimits& limits = {}) {
  Image storage;
  BH_ASSIGN(const std::unique_ptr<Rows> rows, OpenRows(encoded, limits, storage));
  Pixels pixels{rows->width(), rows->height(), {}};
  for (int y = 0; y < rows->height(); ++y) {
    const uint8_t* row = rows->Row(y);
    pixels.rgb.insert(pixels.rgb.end(), row, row + std::ptrdiff_t{3} * rows->width());
  }
  BH_TRY(rows->Finish());
  return pixels;
}

base::Result<Pixels> ReadWhole(std::span<const std::byte> encoded, const DecodeLimits& limits) {
  BH_ASSIGN(const Image picture, Decode(encoded, limits));
  return PixelsOf(picture);
}

class EveryPicture : public testing::TestWithParam<const char*> {};

TEST_P(EveryPicture, HasTheRowsOfOpenCv) {
  const auto pixels = ReadAll(ReadPicture(GetParam()));
  ASSERT_TRUE(pixels.ok()) << pixels.error().detail;
  EXPECT_EQ(pixels.value(), ReadExpected(GetParam()));
}

TEST_P(EveryPicture, IsRefusedWhereTheWholeIs) {
  const auto whole = ReadPicture(GetParam());
  const DecodeLimits limits{.pixels_max = 1'000'000};
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] ^= std::byte{0xFF};
    const auto expected = ReadWhole(damaged, limits);
    const auto pixels = ReadAll(damaged, limits);
    ASSERT_EQ(pixels.ok(), expected.ok()) << "byte " << at;
    if (pixels.ok()) {
      ASSERT_EQ(pixels.value(), expected.value()) << "byte " << at;
    } else {
      ASSERT_EQ(pixels.error().detail, expected.error().detail) << "byte " << at;
      ASSERT_EQ(pixels.error().code, expected.error().code) << "byte " << at;
    }
  }
}

TEST_P(EveryPicture, KeepsToTheLimits) {
  const auto picture = ReadPicture(GetParam());
  const Pixels expected = ReadExpected(GetParam());
  const int64_t pixels = int64_t{expected.width} * expected.height;
  EXPECT_TRUE(ReadAll(picture, {.pixels_max = pixels}).ok());
  EXPECT_EQ(ReadAll(picture, {.pixels_max = pixels - 1}).error().code, Code::kExhausted);
  EXPECT_EQ(ReadAll(picture, {.encoded_bytes_max = picture.size() - 1}).error().code,
            Code::kExhausted);
}

std::string TestName(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, EveryPicture,
                         testing::Values("rgb444.jpg", "rgb422.jpg", "rgb420.jpg",
                                         "progressive.jpg", "restart.jpg", "keep_rgb.jpg",
                                         "gray.jpg", "cmyk.jpg", "ycck.jpg", "pixel.jpg", "row.jpg",
                                         "column.jpg", "exif1.jpg", "exif6.jpg", "rgb8.png",
                                         "palette4_adam7.png", "lossy.webp"),
                         TestName);

TEST(OpenRows, RefusesNothingAtAllAndWhatIsNoPicture) {
  Image storage;
  EXPECT_EQ(OpenRows({}, {}, storage).error().code, Code::kInvalid);
  const std::vector<std::byte> zeros(100);
  EXPECT_EQ(OpenRows(zeros, {}, storage).error().code, Code::kInvalid);
}

TEST(OpenRows, UsesTheStorageAgainAndOnlyWhereAPictureIsDecodedAsAWhole) {
  Image storage;
  storage.Reshape(100, 100);
  const uint8_t* memory = storage.pixels().data();
  ASSERT_TRUE(OpenRows(ReadPicture("rgb420.jpg"), {}, storage).ok());
  EXPECT_EQ(storage.width(), 100);
  ASSERT_TRUE(OpenRows(ReadPicture("rgb8.png"), {}, storage).ok());
  EXPECT_EQ(storage.width(), 19);
  EXPECT_EQ(storage.pixels().data(), memory);
}

TEST(ImageRows, PickEveryPixelToTheLast) {
  Image picture;
  picture.Reshape(2, 2);
  for (std::size_t i = 0; i < 12; ++i) picture.pixels()[i] = static_cast<uint8_t>(i);
  ImageRows rows(picture);
  const std::vector<uint32_t> columns = {1, 0};
  std::vector<uint32_t> pixels(2);
  rows.Pick(1, columns, pixels);
  EXPECT_EQ(pixels[0] & 0xFFFFFFU, 0x0B0A09U);
  EXPECT_EQ(pixels[1] & 0xFFFFFFU, 0x080706U);
}

}  // namespace
}  // namespace bulkhead::image
