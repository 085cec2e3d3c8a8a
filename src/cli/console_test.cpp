// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <sstream>

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

TEST(Printable, KeepsOrdinaryTextInAnyScript) {
  EXPECT_EQ(Printable("scratch"), "scratch");
  EXPECT_EQ(Printable("Kratzer äöü 划痕 🔩"), "Kratzer äöü 划痕 🔩");
}

TEST(Printable, DisarmsTerminalControlSequences) {
  EXPECT_EQ(Printable("\x1b[2Jgone"), "\\x1b[2Jgone");
  EXPECT_EQ(Printable("two\nlines"), "two\\x0alines");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");
}

TEST(Printable, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(Printable("\xff"), "\\xff");
  EXPECT_EQ(Printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(Printable("\xe5\x88"), "\\xe5\\x88");           // cut short
}

TEST(PrintError, IsOneLineEvenForHostileNames) {
  std::ostringstream err;
  const Console console{nullptr, &err, false, false};
  PrintError(console, "detect", "a\nb.jpg",
             base::PublicError(base::Code::kInvalid, "not an image"));
  EXPECT_EQ(err.str(), "bulkhead detect: a\\x0ab.jpg: not an image\n");
}

}  // namespace
}  // namespace bulkhead::cli
