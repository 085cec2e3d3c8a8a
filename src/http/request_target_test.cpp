// SPDX-License-Identifier: Apache-2.0
#include "http/request_target.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

// The path, or "refused".
std::string PathOf(std::string_view target) {
  std::string path = "old";
  std::string query = "old";
  const auto refusal = SplitTarget(target, path, query);
  if (!refusal) return path;
  EXPECT_EQ(refusal->status, 400);
  EXPECT_EQ(query, "");
  EXPECT_THAT(path, testing::AnyOf("", "/a", "/v2"));
  return "refused";
}

TEST(RequestTarget, IsDecodedOnce) {
  EXPECT_EQ(PathOf("/a%20b/%C3%A4"), "/a b/\xc3\xa4");
  EXPECT_EQ(PathOf("/%252e%252e/"), "/%2e%2e/");
  EXPECT_EQ(PathOf("/a+b"), "/a+b");
}

TEST(RequestTarget, LeavesTheQueryAsSent) {
  std::string path;
  std::string query;
  ASSERT_FALSE(SplitTarget("/a?b=%20&c?d", path, query));
  EXPECT_EQ(path, "/a");
  EXPECT_EQ(query, "b=%20&c?d");
}

TEST(RequestTarget, MayNameItsHost) {
  EXPECT_EQ(PathOf("http://example.test:80/v2"), "/v2");
  EXPECT_EQ(PathOf("HTTPS://example.test/v2?q"), "/v2");
  EXPECT_EQ(PathOf("http://example.test"), "refused");
}

TEST(RequestTarget, RefusesEscapesThatAreNone) {
  for (const auto* target : {"/%", "/%1", "/%g0", "/%0g", "/% 1", "/a%"}) {
    EXPECT_EQ(PathOf(target), "refused") << target;
  }
}

TEST(RequestTarget, RefusesWhatHidesAnotherPath) {
  for (const auto* target : {"/..", "/a/../b", "/a/..", "/./a", "/.", "/%2e%2e/a", "/%2E./a",
                             "/a%2fb", "/a%00b", "/a%0d%0a", "/a%7f", "/%ff", "/%c0%af"}) {
    EXPECT_EQ(PathOf(target), "refused") << target;
  }
  EXPECT_EQ(PathOf("/..a/b../...//c"), "/..a/b../...//c");
}

TEST(RequestTarget, KeepsOfARefusedOneWhichApiWasMeant) {
  for (const auto& [target, kept] :
       {std::pair("/v2/models/%07", "/v2"), std::pair("http://h/v1/../x", "/v1"),
        std::pair("/v2%00/a", ""), std::pair("/%76%32/%00", ""), std::pair("/..", ""),
        std::pair("v2/a", ""), std::pair("/v2#a", "")}) {
    std::string path = "old";
    std::string query = "old";
    EXPECT_TRUE(SplitTarget(target, path, query)) << target;
    EXPECT_EQ(path, kept) << target;
  }
}

TEST(RequestTarget, RefusesOtherForms) {
  for (const auto* target : {"*", "host:443", "v2", "?a", "/a#b", ""}) {
    EXPECT_EQ(PathOf(target), "refused") << target;
  }
}

}  // namespace
}  // namespace bulkhead::http
