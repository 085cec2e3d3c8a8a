// SPDX-License-Identifier: Apache-2.0
#include "image/encode.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "image/decode.h"

namespace bulkhead::image {
namespace {

Image Gradient(int width, int height) {
  Image picture;
  picture.Reshape(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      pixel[0] = static_cast<uint8_t>(x * 255 / width);
      pixel[1] = static_cast<uint8_t>(y * 255 / height);
      pixel[2] = 128;
    }
  }
  return picture;
}

int LargestDifference(const Image& a, const Image& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size_bytes(); ++i) {
    largest = std::max(largest, std::abs(a.pixels()[i] - b.pixels()[i]));
  }
  return largest;
}

TEST(EncodeJpeg, GivesAPictureThatDecodesToNearlyTheSamePixels) {
  const Image picture = Gradient(320, 200);
  const auto encoded = EncodeJpeg(picture, 95);
  ASSERT_TRUE(encoded.ok());
  const auto decoded = Decode(encoded.value(), {});
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded.value().width(), 320);
  ASSERT_EQ(decoded.value().height(), 200);
  EXPECT_LE(LargestDifference(picture, decoded.value()), 8);
}

// Noise at full quality is far larger than one chunk of the buffer.
TEST(EncodeJpeg, GrowsItsBuffer) {
  Image picture = Gradient(500, 500);
  uint32_t state = 1;
  for (uint8_t& value : picture.pixels()) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<uint8_t>(state >> 24);
  }
  const auto encoded = EncodeJpeg(picture, 100);
  ASSERT_TRUE(encoded.ok());
  EXPECT_GT(encoded.value().size(), std::size_t{150'000});
  EXPECT_TRUE(Decode(encoded.value(), {}).ok());
}

TEST(EncodeJpeg, GetsSmallerWithLowerQuality) {
  const Image picture = Gradient(320, 200);
  EXPECT_LT(EncodeJpeg(picture, 10).value().size(), EncodeJpeg(picture, 90).value().size());
}

TEST(EncodeJpeg, ClampsTheQuality) {
  const Image picture = Gradient(32, 32);
  EXPECT_EQ(EncodeJpeg(picture, -5).value(), EncodeJpeg(picture, 1).value());
  EXPECT_EQ(EncodeJpeg(picture, 900).value(), EncodeJpeg(picture, 100).value());
}

TEST(EncodeJpeg, RefusesAnEmptyPicture) {
  EXPECT_EQ(EncodeJpeg(Image(), 90).error().code, base::Code::kInvalid);
}

TEST(EncodeJpeg, RefusesASideThatJpegCannotHold) {
  EXPECT_TRUE(EncodeJpeg(Gradient(65'500, 1), 90).ok());
  EXPECT_EQ(EncodeJpeg(Gradient(65'501, 1), 90).error().code, base::Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::image
