// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(Utf8, ReadsBackEveryCharacterItWrites) {
  for (uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (!IsUnicodeScalar(point)) continue;
    std::string text;
    AppendUtf8(point, text);
    const Utf8Character first = FirstUtf8(text);
    ASSERT_EQ(first.point, point);
    ASSERT_EQ(first.length, text.size());
  }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  for (const char* text :
       {"", "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE8\xBB", "\xE8\xBB\x41", "\xFF"}) {
    EXPECT_EQ(FirstUtf8(text).length, 0U);
  }
}

TEST(Utf8, KnowsATextFromOtherBytes) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("bolt \xC3\xA9 \xE8\xBB\x8A"));
  EXPECT_FALSE(IsUtf8("bolt \xC3"));
}

TEST(Utf8DeathTest, NeverWritesASurrogate) {
  std::string text;
  EXPECT_DEATH(AppendUtf8(0xD800, text), "check failed");
}

}  // namespace
}  // namespace bulkhead::base
