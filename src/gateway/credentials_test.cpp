// SPDX-License-Identifier: Apache-2.0
#include "gateway/credentials.h"

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

TEST(Credentials, AreFoundInEachOfTheThreePlaces) {
  EXPECT_EQ(KeyTextOf("Bearer bh_live_x", std::nullopt), "bh_live_x");
  EXPECT_EQ(KeyTextOf("bearer  bh_live_x", std::nullopt), "bh_live_x");
  EXPECT_EQ(KeyTextOf(std::nullopt, "bh_live_x"), "bh_live_x");
  // "user:bh_live_x" and ":k"
  EXPECT_EQ(KeyTextOf("Basic dXNlcjpiaF9saXZlX3g=", std::nullopt), "bh_live_x");
  EXPECT_EQ(KeyTextOf("basic Oms", std::nullopt), "k");
}

TEST(Credentials, AreTakenWithoutTheWhitespaceAroundThem) {
  EXPECT_EQ(KeyTextOf(std::nullopt, " bh_live_x\t"), "bh_live_x");
  EXPECT_EQ(KeyTextOf(" Bearer bh_live_x ", std::nullopt), "bh_live_x");
  EXPECT_EQ(KeyTextOf(" Bearer bh_live_x", " bh_live_x"), "bh_live_x");
  EXPECT_EQ(KeyTextOf(std::nullopt, " "), "");
}

TEST(Credentials, MayBeSaidTwiceButNotDifferently) {
  EXPECT_EQ(KeyTextOf("Bearer a", "a"), "a");
  EXPECT_EQ(KeyTextOf("Bearer a", "b"), std::nullopt);
  EXPECT_EQ(KeyTextOf("Digest x", "b"), std::nullopt);
}

TEST(Credentials, AreNoneWhereNoneCanBeRead) {
  EXPECT_EQ(KeyTextOf(std::nullopt, std::nullopt), std::nullopt);
  for (const char* header : {"", "Bearer", "Basic !", "Basic dXNlcg==", "Negotiate abc"}) {
    EXPECT_EQ(KeyTextOf(header, std::nullopt), std::nullopt) << header;
  }
  EXPECT_EQ(KeyTextOf("Basic " + std::string(513, 'A'), std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::gateway
