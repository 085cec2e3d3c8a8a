// SPDX-License-Identifier: Apache-2.0
#include "node/worker_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LogLines, AreThoseThatAreNotEmptyInTheirOrder) {
  EXPECT_THAT(LogLines("one\n\ntwo\nthree"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(LogLines(""), IsEmpty());
  EXPECT_THAT(LogLines("\n\n"), IsEmpty());
}

TEST(LogLines, KeepTheNewestAndSayHowManyAreLeftOut) {
  std::string text;
  for (std::size_t i = 0; i < kLogLinesPerRead + 3; ++i) text += std::to_string(i) + "\n";
  const auto lines = LogLines(text);
  ASSERT_EQ(lines.size(), kLogLinesPerRead + 1);
  EXPECT_EQ(lines[0], "(3 lines left out)");
  EXPECT_EQ(lines[1], "3");
  EXPECT_EQ(lines.back(), std::to_string(kLogLinesPerRead + 2));
}

TEST(LogLines, AreCut) {
  EXPECT_EQ(LogLines(std::string(kLogLineBytesMax + 1, 'a')).at(0).size(), kLogLineBytesMax);
}

}  // namespace
}  // namespace bulkhead::node
