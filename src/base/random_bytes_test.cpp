// SPDX-License-Identifier: Apache-2.0
#include "base/random_bytes.h"

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(RandomBytes, FillsToTheEndAndDiffersEachTime) {
  // More than the 256 bytes that the kernel gives at least in one call.
  std::vector<std::byte> first(100'000);
  std::vector<std::byte> second(100'000);
  ASSERT_TRUE(FillRandom(first).ok());
  ASSERT_TRUE(FillRandom(second).ok());
  EXPECT_NE(first, second);
  const std::span<std::byte> tail = std::span(first).last(32);
  EXPECT_TRUE(std::ranges::any_of(tail, [](std::byte byte) { return byte != std::byte{0}; }));
}

TEST(RandomBytes, GivesNothingWhereNothingIsAsked) { EXPECT_TRUE(FillRandom({}).ok()); }

}  // namespace
}  // namespace bulkhead::base
