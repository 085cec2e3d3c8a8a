// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bulkhead::telemetry {
namespace {

using nlohmann::json;

Span Example() {
  Span span;
  span.context = *ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  span.name = "request";
  span.kind = SpanKind::kServer;
  span.start_unix_ns = 1'700'000'000'123'456'789;
  span.end_unix_ns = 1'700'000'000'223'456'789;
  span.attributes = {{"tenant", "plant"}, {"status", int64_t{200}}, {"batch", 1.5}, {"ok", true}};
  return span;
}

OtlpOptions Options() {
  OtlpOptions options;
  options.service_name = "bulkhead-gateway";
  options.service_version = "1.2.3";
  return options;
}

json OnlySpan(const Span& span) {
  const json request = json::parse(OtlpJson({&span, 1}, Options()));
  return request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
}

TEST(OtlpJson, WritesIdsInHexadecimalAndTimesAsText) {
  const json span = OnlySpan(Example());
  EXPECT_EQ(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(span["spanId"], "00f067aa0ba902b7");
  EXPECT_EQ(span["startTimeUnixNano"], "1700000000123456789");
  EXPECT_EQ(span["endTimeUnixNano"], "1700000000223456789");
  EXPECT_EQ(span["kind"], 2);
  EXPECT_EQ(span["flags"], 1);
}

TEST(OtlpJson, WritesEachKindOfAttribute) {
  const json expected = json::parse(R"([
      {"key": "tenant", "value": {"stringValue": "plant"}},
      {"key": "status", "value": {"intValue": "200"}},
      {"key": "batch", "value": {"doubleValue": 1.5}},
      {"key": "ok", "value": {"boolValue": true}}])");
  EXPECT_EQ(OnlySpan(Example())["attributes"], expected);
}

TEST(OtlpJson, NamesAParentAndAFailureOnlyWhereThereIsOne) {
  Span span = Example();
  EXPECT_FALSE(OnlySpan(span).contains("parentSpanId"));
  EXPECT_FALSE(OnlySpan(span).contains("status"));
  span.parent_id[7] = 0x1f;
  span.failed = true;
  EXPECT_EQ(OnlySpan(span)["parentSpanId"], "000000000000001f");
  EXPECT_EQ(OnlySpan(span)["status"]["code"], 2);
}

TEST(OtlpJson, SaysWhichServiceItIs) {
  const Span span = Example();
  const json resource =
      json::parse(OtlpJson({&span, 1}, Options()))["resourceSpans"][0]["resource"]["attributes"];
  EXPECT_EQ(resource[0]["key"], "service.name");
  EXPECT_EQ(resource[0]["value"]["stringValue"], "bulkhead-gateway");
  EXPECT_EQ(resource[1]["value"]["stringValue"], "1.2.3");
}

TEST(OtlpJson, KeepsTextThatIsNoUtf8Readable) {
  Span span = Example();
  span.attributes = {{"model", std::string("line\xff")}};
  EXPECT_EQ(OnlySpan(span)["attributes"][0]["value"]["stringValue"], "line\xef\xbf\xbd");
}

TEST(OtlpJson, ReadsHowManySpansAReceiverThrewAway) {
  EXPECT_EQ(RejectedSpans(R"({"partialSuccess": {"rejectedSpans": "7"}})"), 7U);
  EXPECT_EQ(RejectedSpans(R"({"partialSuccess": {"rejectedSpans": 7}})"), 7U);
  for (const char* nothing : {"", "{}", "[]", "no JSON", R"({"partialSuccess": 3})",
                              R"({"partialSuccess": {"rejectedSpans": -1}})",
                              R"({"partialSuccess": {"rejectedSpans": "x"}})"}) {
    EXPECT_EQ(RejectedSpans(nothing), 0U) << nothing;
  }
}

}  // namespace
}  // namespace bulkhead::telemetry
