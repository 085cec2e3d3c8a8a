// SPDX-License-Identifier: Apache-2.0
#include "telemetry/span.h"

#include <gtest/gtest.h>

namespace bulkhead::telemetry {
namespace {

constexpr std::array<uint8_t, 16> IdEndingWith(uint8_t eighth) {
  std::array<uint8_t, 16> id{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  id[8] = eighth;
  return id;
}

TEST(SampledShare, IsAllAtOneAndNoneAtZero) {
  EXPECT_TRUE(IsAmong(IdEndingWith(0xfe), 1.0));
  EXPECT_FALSE(IsAmong(IdEndingWith(0x00), 0.0));
}

TEST(SampledShare, IsDecidedByTheLastHalfOfTheId) {
  EXPECT_TRUE(IsAmong(IdEndingWith(0x3f), 0.25));
  EXPECT_FALSE(IsAmong(IdEndingWith(0x40), 0.25));
}

}  // namespace
}  // namespace bulkhead::telemetry
