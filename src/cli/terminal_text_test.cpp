// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

using ::testing::ElementsAre;

TEST(TerminalText, EscapesWhatCouldDeceiveAReader) {
  EXPECT_EQ(EscapeForTerminal("\x1b[31mred\x07\n\x7f"), "\\x1b[31mred\\x07\\x0a\\x7f");
  EXPECT_EQ(EscapeForTerminal("a\xC2\x9B"
                              "b"),
            "a\\x9bb");
  EXPECT_EQ(EscapeForTerminal("\xE2\x80\xAEgnp.\xEF\xBB\xBF"), "\\u202egnp.\\ufeff");
  EXPECT_EQ(EscapeForTerminal("ok\xFF\xC3"), "ok\\xff\\xc3");
}

TEST(TerminalText, KeepsTheWritingOfEveryLanguage) {
  EXPECT_EQ(EscapeForTerminal("Stra\xC3\x9F"
                              "e \xE8\xBB\x8A"),
            "Stra\xC3\x9F"
            "e \xE8\xBB\x8A");
}

TEST(TerminalText, ReplacesBrokenBytes) {
  EXPECT_EQ(ReplaceBrokenUtf8("a\xFF"
                              "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(ReplaceBrokenUtf8("\x1b"), "\x1b");
}

TEST(TerminalText, CountsCharactersAndNotBytes) {
  EXPECT_EQ(Columns("\xE8\xBB\x8A"
                    "x"),
            2U);
  EXPECT_EQ(Shorten("\xE8\xBB\x8A\xE8\xBB\x8A\xE8\xBB\x8A\xE8\xBB\x8A\xE8\xBB\x8A", 4),
            "\xE8\xBB\x8A...");
  EXPECT_EQ(Shorten("four", 4), "four");
}

TEST(TerminalText, WrapsWordsAtTheWidth) {
  EXPECT_THAT(WrapWords({"aa", "bb", "cc", "dd"}, 7, 9), ElementsAre("aa, bb,", "cc, dd"));
  EXPECT_THAT(WrapWords({}, 7, 9), ElementsAre());
}

TEST(TerminalText, SaysHowManyWordsAreLeftOut) {
  EXPECT_THAT(WrapWords({"aa", "bb", "cc", "dd", "ee"}, 7, 2),
              ElementsAre("aa, bb,", "... and 3 more"));
  EXPECT_THAT(WrapWords({"aa", "bb", "cc", "dd"}, 7, 2), ElementsAre("aa, bb,", "cc, dd"));
}

}  // namespace
}  // namespace bulkhead::cli
