// SPDX-License-Identifier: Apache-2.0
#include "channel/mask_codec.h"

#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

constexpr std::size_t kFrameBytes = 16;

Bytes Written(const yolo::Mask& mask) {
  base::ByteWriter writer;
  EXPECT_TRUE(WriteMask(mask, 1 << 20, writer));
  return std::move(writer).Take();
}

Bytes RunsOf(const yolo::Mask& mask) {
  const Bytes bytes = Written(mask);
  return {bytes.begin() + kFrameBytes, bytes.end()};
}

Bytes Numbers(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

// Whether these runs fill a mask of 4 x 2, to the last byte.
bool AreRunsOfEight(const Bytes& runs) {
  base::ByteReader reader(runs);
  yolo::Mask mask{.width = 4, .height = 2, .bits = {}};
  ReadMaskRuns(mask, reader);
  return reader.finished();
}

TEST(MaskCodec, CountsRowByRowStartingWithoutTheObject) {
  EXPECT_EQ(RunsOf({0, 0, 3, 2, {0, 0, 1, 1, 0, 0}}), Numbers({2, 2, 2}));
}

TEST(MaskCodec, StartsWithZeroWhereTheFirstPixelIsObject) {
  EXPECT_EQ(RunsOf({0, 0, 2, 1, {1, 1}}), Numbers({0, 2}));
}

TEST(MaskCodec, WritesLongRunsInGroupsOfSevenBits) {
  EXPECT_EQ(RunsOf({0, 0, 300, 1, std::vector<uint8_t>(300)}), Numbers({0xAC, 0x02}));
}

TEST(MaskCodec, WritesNothingForARectangleWithoutPixels) {
  EXPECT_TRUE(RunsOf({5, 6, 0, 9, {}}).empty());
}

TEST(MaskCodec, ReadsBackEveryMaskOfTwelvePixels) {
  for (uint32_t pattern = 0; pattern < (1U << 12U); ++pattern) {
    yolo::Mask mask{7, 8, 4, 3, std::vector<uint8_t>(12)};
    for (uint32_t i = 0; i < 12; ++i) mask.bits[i] = static_cast<uint8_t>((pattern >> i) & 1U);
    const Bytes bytes = Written(mask);
    base::ByteReader reader(bytes);
    yolo::Mask read = ReadMaskFrame(reader);
    ReadMaskRuns(read, reader);
    ASSERT_TRUE(reader.finished());
    ASSERT_EQ(read.bits, mask.bits);
    ASSERT_EQ(read.x, 7);
    ASSERT_EQ(read.y, 8);
  }
}

TEST(MaskCodec, RefusesRunsOtherThanItsOwn) {
  EXPECT_TRUE(AreRunsOfEight(Numbers({3, 5})));
  EXPECT_FALSE(AreRunsOfEight(Numbers({3, 6})));           // beyond the rectangle
  EXPECT_FALSE(AreRunsOfEight(Numbers({3, 4})));           // short of it
  EXPECT_FALSE(AreRunsOfEight(Numbers({3, 0, 5})));        // an empty run
  EXPECT_FALSE(AreRunsOfEight(Numbers({0, 0, 8})));        // two empty runs
  EXPECT_FALSE(AreRunsOfEight(Numbers({8, 0})));           // a byte left over
  EXPECT_FALSE(AreRunsOfEight(Numbers({0x83, 0x00, 5})));  // more bytes than needed
  EXPECT_FALSE(AreRunsOfEight(Numbers({0x88, 0x80, 0x80, 0x80, 0x80, 0x01})));
}

TEST(MaskCodec, RefusesACornerOrSideBeyondAnyPicture) {
  for (int field = 0; field < 4; ++field) {
    base::ByteWriter writer;
    for (int i = 0; i < 4; ++i) {
      writer.Write<uint32_t>(i == field ? static_cast<uint32_t>(kImageSideMax) + 1 : 0);
    }
    const Bytes bytes = std::move(writer).Take();
    base::ByteReader reader(bytes);
    (void)ReadMaskFrame(reader);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(MaskCodec, StopsWhereTheMessageIsFull) {
  std::vector<uint8_t> stripes(10'000);
  for (std::size_t i = 0; i < stripes.size(); ++i) stripes[i] = i % 2;
  base::ByteWriter writer;
  EXPECT_FALSE(WriteMask({0, 0, 100, 100, stripes}, 100, writer));
  EXPECT_LE(writer.size(), 110U);
}

}  // namespace
}  // namespace bulkhead::channel
