// SPDX-License-Identifier: Apache-2.0
#include "http/query.h"

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

using Fields = std::map<std::string, std::string>;

Fields Parsed(std::string_view query) {
  auto fields = ParseQuery(query);
  EXPECT_TRUE(fields.ok()) << query;
  return fields.ok() ? fields.value() : Fields{};
}

TEST(Query, GivesEachFieldDecoded) {
  EXPECT_EQ(Parsed("conf=0.5&classes=0%2C2&name=a+b"),
            (Fields{{"conf", "0.5"}, {"classes", "0,2"}, {"name", "a b"}}));
}

TEST(Query, TakesAnEscapeAtItsVeryEnd) { EXPECT_EQ(Parsed("a=%41"), (Fields{{"a", "A"}})); }

TEST(Query, TakesFieldsWithoutAValueAndNoFieldsAtAll) {
  EXPECT_EQ(Parsed("agnostic&x="), (Fields{{"agnostic", ""}, {"x", ""}}));
  EXPECT_EQ(Parsed(""), Fields{});
}

TEST(Query, RefusesWhatCannotBeMeant) {
  for (const char* query : {"a=%", "a=%4", "a=%zz", "a=1&a=2"}) {
    EXPECT_FALSE(ParseQuery(query).ok()) << query;
  }
  std::string many;
  for (int i = 0; i < 33; ++i) many += "f" + std::to_string(i) + "=1&";
  EXPECT_FALSE(ParseQuery(many).ok());
}

}  // namespace
}  // namespace bulkhead::http
