// SPDX-License-Identifier: Apache-2.0
#include "migparted/yaml_value.h"

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::migparted {
namespace {

using ::testing::HasSubstr;

base::Code CodeOf(std::string_view text, const YamlLimits& limits = {}) {
  const auto value = ParseYaml(text, limits);
  return value.ok() ? base::Code::kInternal : value.error().code;
}

std::string MessageOf(std::string_view text) { return ParseYaml(text).error().public_message; }

TEST(Yaml, ReadsMapsListsAndText) {
  const YamlValue value = ParseYaml("a: 1\nb: [x, \"2\"]\nc:\n").value();
  ASSERT_EQ(value.kind, YamlValue::Kind::kMap);
  EXPECT_EQ(value.Find("a")->scalar, "1");
  EXPECT_FALSE(value.Find("a")->quoted);
  ASSERT_EQ(value.Find("b")->items.size(), 2U);
  EXPECT_TRUE(value.Find("b")->items[1].quoted);
  EXPECT_EQ(value.Find("b")->line, 2);
  EXPECT_EQ(value.Find("c")->kind, YamlValue::Kind::kNull);
  EXPECT_EQ(value.Find("d"), nullptr);
}

TEST(Yaml, PutsForAnAliasWhatItStandsFor) {
  const YamlValue value = ParseYaml("a: &x [1, 2]\nb: *x\n").value();
  ASSERT_EQ(value.Find("b")->items.size(), 2U);
  EXPECT_EQ(value.Find("b")->items[1].scalar, "2");
}

TEST(Yaml, IsNothingWhereThereIsNothing) {
  EXPECT_EQ(ParseYaml("").value().kind, YamlValue::Kind::kNull);
  EXPECT_EQ(ParseYaml("# only this\n").value().kind, YamlValue::Kind::kNull);
}

TEST(Yaml, RefusesWhatIsNotOneDocument) {
  EXPECT_EQ(MessageOf("a: [1\nb: 2"), "line 2: this is not YAML");
  EXPECT_EQ(MessageOf("a: 1\n---\nb: 2\n"), "line 2: a second document begins");
  EXPECT_EQ(MessageOf("a: 1\na: 2\n"), "line 2: a key comes twice");
  EXPECT_EQ(MessageOf("[1, 2]: 3\n"), "line 1: a key is not a plain text");
  EXPECT_EQ(MessageOf("a: *nobody\n"), "line 1: this is not YAML");
  EXPECT_EQ(MessageOf("a: &x [1, *x]\n"), "line 1: an alias stands within its own anchor");
}

TEST(Yaml, RefusesATextThatIsTooLong) {
  EXPECT_EQ(CodeOf(std::string((256U << 10) + 1, ' ')), base::Code::kExhausted);
  EXPECT_EQ(CodeOf(std::string(1000, ' ')), base::Code::kInternal);
}

TEST(Yaml, RefusesValuesNestedTooDeep) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(CodeOf(nested(15)), base::Code::kInternal);
  EXPECT_EQ(CodeOf(nested(16)), base::Code::kExhausted);
  EXPECT_EQ(CodeOf(nested(100'000)), base::Code::kExhausted);
  // Through aliases, each of which stands for one level more.
  std::string chain = "a0: &a0 []\n";
  for (int i = 1; i < 20; ++i) chain += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  EXPECT_EQ(CodeOf(chain), base::Code::kExhausted);
}

TEST(Yaml, RefusesAliasesThatGrowWithoutEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                        i - 1);
  }
  EXPECT_EQ(CodeOf(bomb), base::Code::kExhausted);
  EXPECT_THAT(MessageOf(bomb), HasSubstr("more than 20000 values"));
  std::string text = "a: &a " + std::string(100'000, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) text += "*a, ";
  EXPECT_EQ(CodeOf(text + "]\n"), base::Code::kExhausted);
}

TEST(Yaml, CountsEveryValueOnce) {
  std::string list = "[";
  for (int i = 0; i < 98; ++i) list += "1, ";
  EXPECT_EQ(CodeOf(list + "1]", {.values = 100}), base::Code::kInternal);
  EXPECT_EQ(CodeOf(list + "1, 1]", {.values = 100}), base::Code::kExhausted);
}

}  // namespace
}  // namespace bulkhead::migparted
