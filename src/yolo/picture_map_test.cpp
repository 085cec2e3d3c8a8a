// SPDX-License-Identifier: Apache-2.0
#include "yolo/picture_map.h"

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

// 1280 x 721 into 320 x 320: 180.25 rows are rounded to 180, 69.875 rows of padding to 70.
constexpr Letterbox kLetterbox{320, 320, 320, 180, 0, 70, 0.25};

TEST(PictureMap, TakesOffWhatTheLetterboxDid) {
  const PictureMap map(kLetterbox, 1280, 721, HeadLayout::kAnchorFree);
  const Box box = map.ToPicture(Box{10, 70, 310, 160});
  EXPECT_FLOAT_EQ(box.x1, 40);
  EXPECT_FLOAT_EQ(box.y1, 0);
  EXPECT_FLOAT_EQ(box.x2, 1240);
  EXPECT_FLOAT_EQ(box.y2, 360.5F);
}

TEST(PictureMap, HasOneGainAndHalfTheSlackForTheYolov5Repository) {
  const PictureMap map(kLetterbox, 1280, 721, HeadLayout::kAnchorBased);
  const Box box = map.ToPicture(Box{10, 70, 310, 160});
  EXPECT_FLOAT_EQ(box.x1, 40);
  EXPECT_FLOAT_EQ(box.y1, 0.5F);
  EXPECT_FLOAT_EQ(box.x2, 1240);
  EXPECT_FLOAT_EQ(box.y2, 360.5F);
}

TEST(PictureMap, ClipsToThePictureEitherWay) {
  for (const HeadLayout head : {HeadLayout::kAnchorFree, HeadLayout::kAnchorBased}) {
    const Box box = PictureMap(kLetterbox, 1280, 721, head).ToPicture(Box{-5, 0, 400, 1000});
    EXPECT_EQ(box.x1, 0);
    EXPECT_EQ(box.y1, 0);
    EXPECT_EQ(box.x2, 1280);
    EXPECT_EQ(box.y2, 721);
  }
}

}  // namespace
}  // namespace bulkhead::yolo
