// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

std::string TextOf(JsonWriter writer) {
  const auto bytes = std::move(writer).Take();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(JsonWriter, PutsCommasBetweenMembersAndElementsAlone) {
  JsonWriter json;
  json.BeginObject();
  json.Key("a");
  json.BeginArray();
  json.Signed(-1);
  json.Bool(true);
  json.BeginObject();
  json.EndObject();
  json.EndArray();
  json.Key("b");
  json.Text("x");
  json.EndObject();
  EXPECT_EQ(TextOf(std::move(json)), R"({"a":[-1,true,{}],"b":"x"})");
}

TEST(JsonWriter, EscapesTextAndMarksWhatIsNotUtf8) {
  JsonWriter json;
  json.Text("\"\\\n\x1f\xff\u00e9");
  EXPECT_EQ(TextOf(std::move(json)), "\"\\\"\\\\\\u000a\\u001f\uFFFD\u00e9\"");
}

TEST(JsonWriter, WritesTheShortestNumberThatReadsBackTheSameAndNullForNone) {
  JsonWriter json;
  json.BeginArray();
  json.Real(0.1F);
  json.Real(0.1);
  json.Real(10.0);
  json.Unsigned(std::numeric_limits<uint64_t>::max());
  json.Real(std::numeric_limits<double>::quiet_NaN());
  json.Real(std::numeric_limits<float>::infinity());
  json.EndArray();
  EXPECT_EQ(TextOf(std::move(json)), "[0.1,0.1,10,18446744073709551615,null,null]");
}

}  // namespace
}  // namespace bulkhead::base
