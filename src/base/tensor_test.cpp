// SPDX-License-Identifier: Apache-2.0
#include "base/tensor.h"

#include <array>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(Tensor, ShowsVariableDimensionsAsQuestionMarks) {
  EXPECT_EQ(FormatDims(std::array<int64_t, 4>{-1, 3, 640, 640}), "?x3x640x640");
  EXPECT_EQ(FormatDims({}), "scalar");
}

TEST(Tensor, KnowsTheSizeOfNumericElementsOnly) {
  EXPECT_EQ(ElementBytes(ElementType::kFloat16), 2U);
  EXPECT_EQ(ElementBytes(ElementType::kInt64), 8U);
  EXPECT_EQ(ElementBytes(ElementType::kString), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::base
