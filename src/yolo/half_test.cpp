// SPDX-License-Identifier: Apache-2.0
#include "yolo/half.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

// The value that 16 bits stand for, from the format's definition; finite numbers only.
float Value(int bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const int fraction = bits & 0x3FF;
  return exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                       : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

constexpr int kInfinity = 0x7C00;

TEST(Half, KeepsEveryNumberOfTheFormat) {
  for (int bits = 0; bits < kInfinity; ++bits) {
    ASSERT_EQ(HalfFromFloat(Value(bits)), bits);
    ASSERT_EQ(HalfFromFloat(-Value(bits)), bits | 0x8000);
  }
}

TEST(Half, RoundsToTheNearestAndFromTheMiddleToTheEven) {
  for (int bits = 0; bits + 1 < kInfinity; ++bits) {
    const float middle = (Value(bits) + Value(bits + 1)) / 2;
    ASSERT_EQ(HalfFromFloat(middle), bits % 2 == 0 ? bits : bits + 1);
    ASSERT_EQ(HalfFromFloat(std::nextafter(middle, 0.0F)), bits);
    ASSERT_EQ(HalfFromFloat(std::nextafter(middle, 1e6F)), bits + 1);
  }
}

TEST(Half, OverflowsToInfinityFromHalfAStepBeyondTheLargest) {
  EXPECT_EQ(HalfFromFloat(65504.0F), 0x7BFF);
  EXPECT_EQ(HalfFromFloat(std::nextafter(65520.0F, 0.0F)), 0x7BFF);
  EXPECT_EQ(HalfFromFloat(65520.0F), kInfinity);
  EXPECT_EQ(HalfFromFloat(1e30F), kInfinity);
  EXPECT_EQ(HalfFromFloat(-std::numeric_limits<float>::infinity()), kInfinity | 0x8000);
}

TEST(Half, LosesNumbersBelowHalfTheSmallest) {
  EXPECT_EQ(HalfFromFloat(std::ldexp(1.0F, -25)), 0);
  EXPECT_EQ(HalfFromFloat(std::numeric_limits<float>::denorm_min()), 0);
}

TEST(Half, KeepsNaNAQuietNaN) {
  EXPECT_EQ(HalfFromFloat(std::numeric_limits<float>::quiet_NaN()) & 0x7E00, 0x7E00);
  EXPECT_EQ(HalfFromFloat(std::numeric_limits<float>::signaling_NaN()) & 0x7E00, 0x7E00);
}

}  // namespace
}  // namespace bulkhead::yolo
