// SPDX-License-Identifier: Apache-2.0
// W3C Trace Context, level 1: the traceparent header.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::telemetry {

struct TraceContext {
  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> span_id{};
  bool sampled = false;
  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// nullopt: not a valid header; the specification says to start a new trace then. A version above 00
// may have more fields after the four (section 4.3).
std::optional<TraceContext> ParseTraceparent(std::string_view header);

// Version 00.
std::string FormatTraceparent(const TraceContext& context);

}  // namespace bulkhead::telemetry
