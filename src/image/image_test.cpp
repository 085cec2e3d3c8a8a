// SPDX-License-Identifier: Apache-2.0
#include "image/image.h"

#include <utility>

#include <gtest/gtest.h>

namespace bulkhead::image {
namespace {

TEST(Image, IsEmptyAtFirst) {
  EXPECT_TRUE(Image().empty());
  EXPECT_TRUE(Image().pixels().empty());
}

TEST(Image, KeepsItsStorageForASmallerPicture) {
  Image picture;
  picture.Reshape(10, 20);
  const uint8_t* storage = picture.pixels().data();
  picture.Reshape(20, 5);
  EXPECT_EQ(picture.pixels().data(), storage);
  EXPECT_EQ(picture.pixels().size(), 300U);
  EXPECT_EQ(picture.row(2), storage + 120);
  picture.Reshape(20, 10);
  EXPECT_EQ(picture.pixels().data(), storage);
}

TEST(Image, TakesMoreStorageForALargerPicture) {
  Image picture;
  picture.Reshape(2, 2);
  picture.Reshape(50, 40);
  for (uint8_t& value : picture.pixels()) value = 3;  // AddressSanitizer watches
  EXPECT_EQ(picture.pixels().size(), 6000U);
}

TEST(Image, IsEmptyAfterAMoveAndUsableAgain) {
  Image picture;
  picture.Reshape(10, 10);
  const Image moved = std::move(picture);
  EXPECT_TRUE(picture.empty());  // NOLINT(bugprone-use-after-move): that is the question
  EXPECT_TRUE(picture.pixels().empty());
  picture.Reshape(2, 2);
  picture.pixels()[11] = 1;
  EXPECT_EQ(moved.width(), 10);
}

}  // namespace
}  // namespace bulkhead::image
