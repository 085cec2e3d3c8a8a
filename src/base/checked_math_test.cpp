// SPDX-License-Identifier: Apache-2.0
#include "base/checked_math.h"

#include <array>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(CheckedMath, SaysWhenASumDoesNotFit) {
  EXPECT_EQ(CheckedAdd<uint32_t>(2, 3), 5U);
  EXPECT_EQ(CheckedAdd<uint32_t>(UINT32_MAX, 1), std::nullopt);
}

TEST(CheckedMath, SaysWhenAProductDoesNotFit) {
  EXPECT_EQ(CheckedMul<int32_t>(46341, 46341), std::nullopt);
  EXPECT_EQ(CheckedMul<int32_t>(46340, 46340), 2147395600);
}

TEST(CheckedMath, CastsOnlyWhatTheTargetCanHold) {
  EXPECT_EQ((CheckedCast<uint8_t>(255)), uint8_t{255});
  EXPECT_EQ((CheckedCast<uint8_t>(256)), std::nullopt);
  EXPECT_EQ((CheckedCast<std::size_t>(int64_t{-1})), std::nullopt);
}

TEST(CheckedMath, CountsTheElementsOfATensor) {
  EXPECT_EQ(ElementCount(std::array<int64_t, 4>{1, 3, 640, 640}), 1228800U);
  EXPECT_EQ(ElementCount({}), 1U);
}

TEST(CheckedMath, HasNoElementCountForVariableOrOverflowingShapes) {
  EXPECT_EQ(ElementCount(std::array<int64_t, 2>{-1, 3}), std::nullopt);
  EXPECT_EQ(ElementCount(std::array<int64_t, 3>{INT64_MAX, INT64_MAX, 2}), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::base
