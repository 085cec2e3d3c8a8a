// SPDX-License-Identifier: Apache-2.0
#include "openinference/quoted.h"

#include <string>

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace bulkhead::openinference {
namespace {

TEST(Quoted, KeepsATextOnOneLine) {
  EXPECT_EQ(Quoted("images"), "'images'");
  EXPECT_EQ(Quoted("a\nb\x1b-\x7f-\xff"), "'a?b?-?-?'");
  EXPECT_EQ(Quoted("a\u2028b"), "'a?b'");
}

TEST(Quoted, CutsALongTextBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "é";
  const std::string quoted = Quoted(text);
  EXPECT_LE(quoted.size(), 70U);
  EXPECT_TRUE(quoted.ends_with("...'"));
  EXPECT_TRUE(base::IsUtf8(quoted));
}

}  // namespace
}  // namespace bulkhead::openinference
