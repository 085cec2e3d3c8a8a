// SPDX-License-Identifier: Apache-2.0
#include "base/base62.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(Base62, WritesNumbersWithLeadingZeros) {
  EXPECT_EQ(FixedBase62(0, 6), "000000");
  EXPECT_EQ(FixedBase62(61, 6), "00000z");
  EXPECT_EQ(FixedBase62(62, 6), "000010");
  EXPECT_EQ(FixedBase62(0xFFFFFFFF, 6), "4gfFC3");
  EXPECT_EQ(FixedBase62(62 * 62 + 1, 2), "01");
}

TEST(Base62, KnowsItsCharacters) {
  EXPECT_TRUE(IsBase62("09AZaz"));
  EXPECT_TRUE(IsBase62(""));
  for (const char c : {'/', ':', '@', '[', '`', '{', '_', '-', ' ', '\0', '\xc3'}) {
    EXPECT_FALSE(IsBase62(std::string("a") + c)) << static_cast<int>(c);
  }
}

TEST(RandomBase62, GivesEveryCharacterTheSameNumberOfByteValues) {
  std::map<std::string, int> values_of;
  for (int value = 0; value < 256; ++value) {
    const std::byte byte{static_cast<unsigned char>(value)};
    const auto text = RandomBase62({&byte, 1}, 1);
    ASSERT_EQ(text.has_value(), value < 248);
    if (text) ++values_of[*text];
  }
  EXPECT_EQ(values_of.size(), 62U);
  for (const auto& [text, values] : values_of) EXPECT_EQ(values, 4) << text;
}

TEST(RandomBase62, PassesOverWhatWouldFavourSomeAndSaysWhenTooLittleRemains) {
  const std::vector<std::byte> random{std::byte{255}, std::byte{1}, std::byte{248}, std::byte{2}};
  EXPECT_EQ(RandomBase62(random, 2), "12");
  EXPECT_EQ(RandomBase62(random, 3), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::base
