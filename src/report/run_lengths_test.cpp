// SPDX-License-Identifier: Apache-2.0
#include "report/run_lengths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::report {
namespace {

using testing::ElementsAre;

TEST(RunLengths, CountColumnByColumnStartingWithBackground) {
  // 4 x 3 picture, mask of two columns at (1, 1):  . . . .
  //                                                . 1 0 .
  //                                                . 1 1 .
  const yolo::Mask mask{1, 1, 2, 2, {1, 0, 1, 1}};
  EXPECT_THAT(RunLengths(mask, 4, 3), ElementsAre(4, 2, 2, 1, 3));
}

TEST(RunLengths, StartWithZeroBackgroundWhenTheFirstPixelIsObject) {
  const yolo::Mask mask{0, 0, 1, 2, {1, 1}};
  EXPECT_THAT(RunLengths(mask, 1, 2), ElementsAre(0, 2));
}

TEST(RunLengths, JoinColumnsThatFillThePicture) {
  const yolo::Mask mask{0, 0, 2, 2, {1, 1, 1, 1}};
  EXPECT_THAT(RunLengths(mask, 2, 2), ElementsAre(0, 4));
}

TEST(RunLengths, OfAnEmptyMaskAreAllBackground) {
  EXPECT_THAT(RunLengths(yolo::Mask{}, 5, 4), ElementsAre(20));
}

}  // namespace
}  // namespace bulkhead::report
