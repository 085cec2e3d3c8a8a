// SPDX-License-Identifier: Apache-2.0
#include "isolation/cpu_list.h"

#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

TEST(FormatCpuList, JoinsNeighboursToRanges) {
  EXPECT_EQ(FormatCpuList({0, 1, 2, 3, 8}), "0-3,8");
  EXPECT_EQ(FormatCpuList({0, 1}), "0-1");
  EXPECT_EQ(FormatCpuList({5}), "5");
  EXPECT_EQ(FormatCpuList({0, 2, 4}), "0,2,4");
}

TEST(FormatCpuList, SortsAndCountsDoublesOnce) {
  EXPECT_EQ(FormatCpuList({9, 3, 10, 3, 2}), "2-3,9-10");
}

TEST(FormatCpuList, IsEmptyForNoCores) { EXPECT_EQ(FormatCpuList({}), ""); }

}  // namespace
}  // namespace bulkhead::isolation
