// SPDX-License-Identifier: Apache-2.0
#include "channel/plain_line.h"

#include <gtest/gtest.h>

namespace bulkhead::channel {
namespace {

TEST(PlainLine, LeavesALineAsItIs) {
  EXPECT_EQ(PlainLine("Größe 車", 100), "Größe 車");
  EXPECT_TRUE(IsPlainLine("Größe 車"));
}

TEST(PlainLine, ReplacesControlCharactersAndBrokenBytes) {
  EXPECT_EQ(PlainLine("a\nb\x1B[31m\x7F\xC2\x9B\xFFz", 100), "a b [31m  ?z");
}

TEST(PlainLine, CutsBetweenCharacters) {
  EXPECT_EQ(PlainLine("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(PlainLine("ab\xC3\xA9", 4), "ab\xC3\xA9");
}

TEST(PlainLine, KnowsWhatIsNone) {
  for (const char* text : {"a\n", "\x1B", "\x7F", "\xC2\x9B", "\xFF"}) {
    EXPECT_FALSE(IsPlainLine(text));
  }
}

}  // namespace
}  // namespace bulkhead::channel
