// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(Hex, WritesAndReadsEveryByte) {
  std::vector<std::byte> bytes;
  for (int value = 0; value < 256; ++value) bytes.push_back(static_cast<std::byte>(value));
  const std::string text = Hex(bytes);
  EXPECT_EQ(text.substr(0, 6), "000102");
  EXPECT_EQ(text.substr(506), "fdfeff");
  EXPECT_EQ(ParseHex(text), bytes);
}

TEST(Hex, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"0", "0g", "g0", "AB", "0x", " 0", "00 "}) {
    EXPECT_EQ(ParseHex(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseHex(""), std::vector<std::byte>{});
}

}  // namespace
}  // namespace bulkhead::base
