// SPDX-License-Identifier: Apache-2.0
#include "yolo/float_slice.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

base::TensorView ViewOf(std::span<const float> values, std::vector<int64_t> dims) {
  return {base::ElementType::kFloat32, std::move(dims), std::as_bytes(values)};
}

// IEEE 754: (-1)^sign x 1.fraction x 2^(exponent - 15), subnormals without the leading one.
float PlainHalf(int half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31 && fraction != 0) return std::numeric_limits<float>::quiet_NaN();
  if (exponent == 31) return sign * std::numeric_limits<float>::infinity();
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

TEST(HalfToFloat, IsExactForEveryBitPattern) {
  for (int half = 0; half <= 0xFFFF; ++half) {
    const float actual = HalfToFloat(static_cast<uint16_t>(half));
    const float expected = PlainHalf(half);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual)) << half;
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(actual), std::bit_cast<uint32_t>(expected)) << half;
    }
  }
}

TEST(FloatSlice, TakesOnePictureOfABatch) {
  const std::array<float, 6> values = {1, 2, 3, 4, 5, 6};
  const auto slice = FloatSlice::Take(ViewOf(values, {3, 2, 1}), 1);
  ASSERT_TRUE(slice.ok());
  EXPECT_EQ(slice.value().rank(), 2U);
  EXPECT_EQ(slice.value().dim(0), 2U);
  EXPECT_EQ(slice.value().dim(1), 1U);
  ASSERT_EQ(slice.value().values().size(), 2U);
  EXPECT_EQ(slice.value().values()[0], 3);
  EXPECT_EQ(slice.value().values()[1], 4);
}

TEST(FloatSlice, ReadsFloatsThatAreNotAligned) {
  const std::array<float, 2> values = {1.5F, -2.5F};
  std::array<std::byte, sizeof(values) + 1> bytes{};
  std::memcpy(bytes.data() + 1, values.data(), sizeof(values));
  const base::TensorView view{base::ElementType::kFloat32, {1, 2}, std::span(bytes).subspan(1)};
  const auto slice = FloatSlice::Take(view, 0);
  ASSERT_TRUE(slice.ok());
  EXPECT_EQ(slice.value().values()[0], 1.5F);
  EXPECT_EQ(slice.value().values()[1], -2.5F);
}

TEST(FloatSlice, IsEmptyWhenADimensionIsZero) {
  const auto slice = FloatSlice::Take(ViewOf({}, {2, 0, 6}), 1);
  ASSERT_TRUE(slice.ok());
  EXPECT_TRUE(slice.value().values().empty());
  std::array<std::byte, 5> bytes{};
  const base::TensorView odd{base::ElementType::kFloat32, {2, 0}, std::span(bytes).subspan(1, 0)};
  EXPECT_TRUE(FloatSlice::Take(odd, 0).ok());
}

TEST(FloatSlice, RefusesShapesThatTheBytesDoNotFit) {
  const std::array<float, 6> values = {};
  const std::vector<std::vector<int64_t>> shapes = {
      {1, 7}, {1, 5}, {-1, 6}, {6}, {}, {0, 6}, {INT64_MAX, INT64_MAX, 4}, {1, INT64_MAX / 2}};
  for (const auto& dims : shapes) {
    const auto slice = FloatSlice::Take(ViewOf(values, dims), 0);
    ASSERT_FALSE(slice.ok()) << base::FormatDims(dims);
    EXPECT_EQ(slice.error().code, base::Code::kCorrupt);
  }
}

TEST(FloatSlice, RefusesAPictureBeyondTheBatch) {
  const std::array<float, 6> values = {};
  EXPECT_TRUE(FloatSlice::Take(ViewOf(values, {2, 3}), 1).ok());
  const auto slice = FloatSlice::Take(ViewOf(values, {2, 3}), 2);
  ASSERT_FALSE(slice.ok());
  EXPECT_EQ(slice.error().public_message, "the model's output 2x3 of float32 has no picture 2");
}

TEST(FloatSlice, RefusesOtherElementTypes) {
  const std::array<float, 6> values = {};
  auto view = ViewOf(values, {2, 3});
  view.type = base::ElementType::kInt32;
  const auto slice = FloatSlice::Take(view, 0);
  ASSERT_FALSE(slice.ok());
  EXPECT_EQ(slice.error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::yolo
