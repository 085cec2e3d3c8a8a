// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

TEST(Table, AlignsColumnsAndLeavesNothingBehindTheLast) {
  EXPECT_EQ(Table({"A", "LONG", "B"}, {{"xyz", "1", "2"}, {"x", "22222", "3"}}),
            "A    LONG   B\nxyz  1      2\nx    22222  3\n");
}

TEST(Table, EscapesWhatWouldMoveTheCursor) {
  EXPECT_EQ(Table({"A"}, {{"\x1b[2J"}}), "A\n\\x1b[2J\n");
}

}  // namespace
}  // namespace bulkhead::cli
