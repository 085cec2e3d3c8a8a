// SPDX-License-Identifier: Apache-2.0
// One timed step of a traced request, as a value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "telemetry/trace_context.h"

namespace bulkhead::telemetry {

// Numbers of opentelemetry/proto/trace/v1/trace.proto, Span.SpanKind.
enum class SpanKind : uint8_t { kInternal = 1, kServer = 2 };

using AttributeValue = std::variant<std::string, int64_t, double, bool>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

struct Span {
  TraceContext context;                // its own id
  std::array<uint8_t, 8> parent_id{};  // all zero: the first of its trace
  std::string name;                    // of few: what differs goes into attributes
  SpanKind kind = SpanKind::kInternal;
  int64_t start_unix_ns = 0;
  int64_t end_unix_ns = 0;
  Attributes attributes;
  bool failed = false;
};

// Whether a trace of this id is among the given share of all traces (0..1), so that everybody who
// asks about one trace gets the same answer. From the id's last 63 bits, as OpenTelemetry's
// TraceIdRatioBased sampler reads them; ids must be random there.
[[nodiscard]] bool IsAmong(const std::array<uint8_t, 16>& trace_id, double share);

}  // namespace bulkhead::telemetry
