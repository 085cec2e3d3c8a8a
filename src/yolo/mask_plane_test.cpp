// SPDX-License-Identifier: Apache-2.0
#include "yolo/mask_plane.h"

#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

void ExpectAxis(const MaskAxis& axis, int size, int begin, int content) {
  EXPECT_EQ(axis.size, size);
  EXPECT_EQ(axis.begin, begin);
  EXPECT_EQ(axis.content, content);
}

MaskPlane PlaneFor(const Letterbox& letterbox, int width, int height, HeadLayout head,
                   int quarter = 4) {
  const Prototypes prototypes{
      {}, 1, letterbox.input_height / quarter, letterbox.input_width / quarter};
  return PlaneOf({prototypes, letterbox, width, height, head});
}

TEST(MaskPlane, IsTheSmallestThatHoldsThePaddingInWholePixels) {
  const auto plane = [](int content_height, int pad_top) {
    const Letterbox letterbox{320, 320, 320, content_height, 0, pad_top, 1};
    return PlaneFor(letterbox, 640, 2 * content_height, HeadLayout::kAnchorFree);
  };
  ExpectAxis(plane(320, 0).x, 80, 0, 80);
  ExpectAxis(plane(304, 8).y, 80, 2, 76);
  ExpectAxis(plane(308, 6).y, 160, 3, 154);
  ExpectAxis(plane(308, 6).x, 160, 0, 160);
  ExpectAxis(plane(306, 7).y, 320, 7, 306);
  ExpectAxis(plane(305, 7).y, 320, 7, 305);
}

TEST(MaskPlane, IsTheInputWherePrototypesAreNoQuarterOfIt) {
  const Letterbox letterbox{320, 320, 320, 304, 0, 8, 1};
  ExpectAxis(PlaneFor(letterbox, 640, 608, HeadLayout::kEndToEnd, 8).y, 320, 8, 304);
}

TEST(MaskPlane, IsThePrototypesForTheYolov5Repository) {
  // 211 x 397 into 320 x 320: a gain of 80 / 397 at the prototypes, 18.74 cells of padding.
  const Letterbox letterbox{320, 320, 170, 320, 75, 0, 1};
  const MaskPlane plane = PlaneFor(letterbox, 211, 397, HeadLayout::kAnchorBased);
  ExpectAxis(plane.x, 80, 18, 43);
  ExpectAxis(plane.y, 80, 0, 80);
}

TEST(MaskPlane, HasAtLeastOneCell) {
  const Letterbox letterbox{36, 36, 36, 1, 0, 17, 1};
  ExpectAxis(PlaneFor(letterbox, 10000, 1, HeadLayout::kAnchorBased).y, 9, 4, 1);
}

}  // namespace
}  // namespace bulkhead::yolo
