// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_json.h"

#include <algorithm>
#include <charconv>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace bulkhead::telemetry {
namespace {

using nlohmann::json;

// Status.StatusCode
constexpr int kStatusError = 2;
// SpanFlags: the low byte is the flags of the trace context.
constexpr int kFlagSampled = 1;

json ValueJson(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return {{"stringValue", *text}};
  if (const auto* whole = std::get_if<int64_t>(&value)) {
    return {{"intValue", std::to_string(*whole)}};
  }
  if (const auto* real = std::get_if<double>(&value)) return {{"doubleValue", *real}};
  return {{"boolValue", std::get<bool>(value)}};
}

json AttributesJson(const Attributes& attributes) {
  json array = json::array();
  for (const auto& [key, value] : attributes) {
    array.push_back({{"key", key}, {"value", ValueJson(value)}});
  }
  return array;
}

template <std::size_t kSize>
std::string Hex(const std::array<uint8_t, kSize>& id) {
  return fmt::format("{:02x}", fmt::join(id, ""));
}

json SpanJson(const Span& span) {
  json object = {{"traceId", Hex(span.context.trace_id)},
                 {"spanId", Hex(span.context.span_id)},
                 {"flags", span.context.sampled ? kFlagSampled : 0},
                 {"name", span.name},
                 {"kind", static_cast<int>(span.kind)},
                 {"startTimeUnixNano", std::to_string(span.start_unix_ns)},
                 {"endTimeUnixNano", std::to_string(span.end_unix_ns)},
                 {"attributes", AttributesJson(span.attributes)}};
  if (std::ranges::any_of(span.parent_id, [](uint8_t byte) { return byte != 0; })) {
    object["parentSpanId"] = Hex(span.parent_id);
  }
  if (span.failed) object["status"] = {{"code", kStatusError}};
  return object;
}

}  // namespace

std::string OtlpJson(std::span<const Span> spans, const OtlpOptions& options) {
  json all = json::array();
  for (const Span& span : spans) all.push_back(SpanJson(span));
  const Attributes resource{{"service.name", options.service_name},
                            {"service.version", options.service_version}};
  const json scope = {{"scope", {{"name", "bulkhead"}}}, {"spans", std::move(all)}};
  const json request = {
      {"resourceSpans", json::array({{{"resource", {{"attributes", AttributesJson(resource)}}},
                                      {"scopeSpans", json::array({scope})}}})}};
  return request.dump(-1, ' ', false, json::error_handler_t::replace);
}

uint64_t RejectedSpans(std::string_view body) {
  const json response = json::parse(body, nullptr, false);
  if (!response.is_object()) return 0;
  const auto partial = response.find("partialSuccess");
  if (partial == response.end() || !partial->is_object()) return 0;
  const auto rejected = partial->find("rejectedSpans");
  if (rejected == partial->end()) return 0;
  if (rejected->is_number_unsigned()) return rejected->get<uint64_t>();
  if (!rejected->is_string()) return 0;
  const auto& text = rejected->get_ref<const std::string&>();
  uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace bulkhead::telemetry
