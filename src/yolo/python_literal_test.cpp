// SPDX-License-Identifier: Apache-2.0
#include "yolo/python_literal.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

std::string RoundTrip(std::string_view text) {
  const auto literal = ParsePythonLiteral(text);
  return literal.ok() ? FormatPythonLiteral(literal.value()) : literal.error().detail;
}

std::string Text(std::string_view literal) {
  const auto parsed = ParsePythonLiteral(literal);
  if (!parsed.ok()) return "error: " + parsed.error().detail;
  const auto* text = parsed.value().As<std::string>();
  return text != nullptr ? *text : "not a string";
}

base::Code CodeOf(std::string_view text, const PythonLiteralLimits& limits = {}) {
  const auto literal = ParsePythonLiteral(text, limits);
  return literal.ok() ? base::Code::kInternal : literal.error().code;
}

TEST(PythonLiteral, KeepsWhatReprWrites) {
  for (const std::string_view text : {"None",
                                      "True",
                                      "False",
                                      "0",
                                      "-17",
                                      "9223372036854775807",
                                      "-9223372036854775808",
                                      "1.0",
                                      "-0.25",
                                      "1e-05",
                                      "inf",
                                      "-inf",
                                      "nan",
                                      "''",
                                      "'cell phone'",
                                      "\"driver's seat\"",
                                      "[]",
                                      "[640, 640]",
                                      "()",
                                      "(1,)",
                                      "(1, 2)",
                                      "{}",
                                      "{0: 'person', 1: 'bicycle'}",
                                      "{'batch': 1, 'half': False, 'opset': None, 'iou': 0.7}",
                                      "{0: [1, (2, {'a': None})]}",
                                      "'tab\\there\\nline\\x00\\x7f'",
                                      "'b\\\\ \\' \"'",
                                      "'\xE8\xBB\x8A'"}) {
    EXPECT_EQ(RoundTrip(text), text);
  }
}

TEST(PythonLiteral, SkipsSpaceAndTrailingCommas) {
  EXPECT_EQ(RoundTrip(" {0 :'a' ,\n 1:'b' , } "), "{0: 'a', 1: 'b'}");
  EXPECT_EQ(RoundTrip("[1,2,]"), "[1, 2]");
}

TEST(PythonLiteral, TakesParenthesesAroundOneValueAsTheValue) { EXPECT_EQ(RoundTrip("(1)"), "1"); }

TEST(PythonLiteral, ReadsEveryEscape) {
  EXPECT_EQ(Text("'\\\\\\'\\\"\\a\\b\\f\\n\\r\\t\\v'"), "\\'\"\a\b\f\n\r\t\v");
  EXPECT_EQ(Text("'\\x41\\xe9'"), "A\xC3\xA9");
  EXPECT_EQ(Text("'\\u8eca'"), "\xE8\xBB\x8A");
  EXPECT_EQ(Text("'\\U0001F697'"), "\xF0\x9F\x9A\x97");
  EXPECT_EQ(Text("'\\101\\7'"), "A\a");
}

TEST(PythonLiteral, RefusesEscapesThatAreNoCharacter) {
  for (const std::string_view text : {"'\\ud800'", "'\\U00110000'", "'\\N{DASH}'", "'\\q'",
                                      "'\\x4'", "'\\u12'", "'\\", "'\\xzz'"}) {
    EXPECT_EQ(CodeOf(text), base::Code::kInvalid) << text;
  }
}

TEST(PythonLiteral, RefusesTextThatIsNotUtf8) {
  for (const std::string_view text : {"'\x80'", "'\xC0\xAF'", "'\xE0\x80\x80'", "'\xED\xA0\x80'",
                                      "'\xF4\x90\x80\x80'", "'\xE8\xBB'", "'\xFF'"}) {
    EXPECT_EQ(CodeOf(text), base::Code::kInvalid);
  }
}

TEST(PythonLiteral, EvaluatesNothing) {
  for (const std::string_view text :
       {"__import__('os').system('true')", "1+1", "f'{1}'", "b'a'", "'a' 'b'", "[x for x in y]",
        "{1, 2}", "lambda: 0", "PosixPath('x')", "1_000", "0x10", "007", "1j", "-True", "...",
        "not True", "'''a'''"}) {
    EXPECT_EQ(CodeOf(text), base::Code::kInvalid) << text;
  }
}

TEST(PythonLiteral, RefusesCutAndMisspeltText) {
  for (const std::string_view text :
       {"", " ", "{", "[1", "(1, 2", "{0: }", "{0 'a'}", "{0: 'a' 1: 'b'}", "[1 2]", "[,]", "'a",
        "1e", "-", ".5", "true", "null", "[1] 2", "'a\nb'", "{,}"}) {
    EXPECT_EQ(CodeOf(text), base::Code::kInvalid) << text;
  }
  EXPECT_EQ(CodeOf(std::string_view("\0", 1)), base::Code::kInvalid);
}

TEST(PythonLiteral, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(CodeOf("9223372036854775808"), base::Code::kInvalid);
  EXPECT_EQ(CodeOf("1e999"), base::Code::kInvalid);
}

TEST(PythonLiteral, StopsAtItsLimits) {
  EXPECT_EQ(CodeOf("[[1]]", {.depth = 1}), base::Code::kExhausted);
  EXPECT_EQ(CodeOf(std::string(100'000, '[')), base::Code::kExhausted);
  EXPECT_EQ(CodeOf("[1, 2, 3]", {.elements = 3}), base::Code::kExhausted);
  EXPECT_EQ(CodeOf("'abc'", {.bytes = 4}), base::Code::kExhausted);
}

TEST(PythonLiteral, FindsTheLastEntryOfAKey) {
  const auto dict = ParsePythonLiteral("{'nms': False, 'nms': True, 3: 'x'}");
  ASSERT_TRUE(dict.ok());
  ASSERT_NE(dict.value().Find("nms"), nullptr);
  EXPECT_EQ(*dict.value().Find("nms")->As<bool>(), true);
  EXPECT_EQ(dict.value().Find("x"), nullptr);
}

TEST(PythonLiteral, GivesListsAndTuplesAsSequences) {
  EXPECT_EQ(ParsePythonLiteral("[1, 2]").value().Sequence()->size(), 2U);
  EXPECT_EQ(ParsePythonLiteral("(1,)").value().Sequence()->size(), 1U);
  EXPECT_EQ(ParsePythonLiteral("{}").value().Sequence(), nullptr);
}

}  // namespace
}  // namespace bulkhead::yolo
