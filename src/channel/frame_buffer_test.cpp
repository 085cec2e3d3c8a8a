// SPDX-License-Identifier: Apache-2.0
#include "channel/frame_buffer.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace bulkhead::channel {
namespace {

void Fill(FrameBuffer& buffer, std::size_t count, std::byte value) {
  std::ranges::fill(buffer.Free().first(count), value);
  buffer.Commit(count);
}

bool IsZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte value) { return value == std::byte{0}; });
}

TEST(FrameBuffer, KeepsItsBytesWhenItGrows) {
  FrameBuffer buffer;
  buffer.Reserve(10);
  Fill(buffer, 10, std::byte{7});
  buffer.Reserve(1000);
  EXPECT_EQ(buffer.capacity(), 1000U);
  ASSERT_EQ(buffer.bytes().size(), 10U);
  EXPECT_EQ(buffer.bytes().back(), std::byte{7});
}

TEST(FrameBuffer, DropsItsFirstBytes) {
  FrameBuffer buffer;
  buffer.Reserve(10);
  Fill(buffer, 4, std::byte{1});
  Fill(buffer, 2, std::byte{2});
  buffer.Discard(4);
  ASSERT_EQ(buffer.bytes().size(), 2U);
  EXPECT_EQ(buffer.bytes().front(), std::byte{2});
}

TEST(FrameBuffer, WipesAlsoWhatItHadDropped) {
  FrameBuffer buffer;
  buffer.Reserve(10);
  Fill(buffer, 10, std::byte{7});
  buffer.Discard(9);
  buffer.Wipe();
  ASSERT_EQ(buffer.Free().size(), 10U);
  EXPECT_TRUE(IsZero(buffer.Free()));
}

TEST(FrameBuffer, IsEmptyAfterItWasMovedFrom) {
  FrameBuffer buffer;
  buffer.Reserve(10);
  Fill(buffer, 3, std::byte{7});
  const FrameBuffer taken = std::move(buffer);
  EXPECT_EQ(taken.bytes().size(), 3U);
  EXPECT_EQ(buffer.capacity(), 0U);  // NOLINT(bugprone-use-after-move): what the test is about
  EXPECT_TRUE(buffer.bytes().empty());
}

TEST(FrameBufferDeathTest, AbortsWhenMoreIsCommittedThanThereIsRoomFor) {
  FrameBuffer buffer;
  buffer.Reserve(10);
  EXPECT_DEATH(buffer.Commit(11), "check failed");
}

}  // namespace
}  // namespace bulkhead::channel
