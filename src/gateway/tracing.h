// SPDX-License-Identifier: Apache-2.0
// What a request did, as spans: of the request itself and of its steps. Without an exporter there
// are no traces, and each step costs one comparison.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/messages.h"
#include "telemetry/exposition.h"
#include "telemetry/otlp_exporter.h"
#include "telemetry/span.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// One request's. I/O thread. When it goes, its spans are handed over; one that was not answered
// until then counts as failed.
class RequestTrace {
 public:
  RequestTrace(std::shared_ptr<telemetry::OtlpExporter> exporter, telemetry::Span request,
               std::chrono::nanoseconds unix_minus_monotonic);
  RequestTrace(const RequestTrace&) = delete;
  RequestTrace& operator=(const RequestTrace&) = delete;
  ~RequestTrace();

  // For the response, so that a client finds the trace: names the request's span.
  [[nodiscard]] std::string traceparent() const;

  // Of the request's span.
  void Set(std::string_view key, telemetry::AttributeValue value);
  // The request was answered now, with HTTP's status or what would be its status.
  void Answered(int status);

  // A step under the request, or under another one; times are of base::MonotonicNow's clock. Gives
  // its id.
  using SpanId = std::array<uint8_t, 8>;
  SpanId Add(std::string_view name, std::chrono::nanoseconds begin, std::chrono::nanoseconds end,
             bool failed, const std::optional<SpanId>& under = std::nullopt);

 private:
  [[nodiscard]] int64_t UnixOf(std::chrono::nanoseconds monotonic) const;

  std::shared_ptr<telemetry::OtlpExporter> exporter_;
  std::vector<telemetry::Span> spans_;  // the first is the request's
  std::chrono::nanoseconds unix_minus_monotonic_;
};

// Null: the request is not traced.
using Trace = std::shared_ptr<RequestTrace>;

// From its construction to Succeeded, or to its end, which is a failure then.
class TraceStep {
 public:
  // `name` lives on.
  TraceStep(Trace trace, std::string_view name);
  TraceStep(const TraceStep&) = delete;
  TraceStep& operator=(const TraceStep&) = delete;
  ~TraceStep() { End(true); }

  void Succeeded() { End(false); }
  // The step was a worker's: what it says of its time become steps under this one. It tells how
  // long they took, not when they began: they are drawn one after the other from the beginning.
  void Succeeded(const channel::FrameTimes& times);

 private:
  std::optional<RequestTrace::SpanId> End(bool failed);
  Trace trace_;
  std::string_view name_;
  std::chrono::nanoseconds begin_{0};
};

// Which version it was that answers.
void TraceVersion(const Trace& trace, tenant::Version version);

// I/O thread.
class Tracer {
 public:
  // Null: nothing is traced.
  explicit Tracer(std::shared_ptr<telemetry::OtlpExporter> exporter)
      : exporter_(std::move(exporter)) {}

  // `traceparent` as a client sent it: its trace goes on, and is recorded or not as it says.
  // Otherwise, or if it is not valid, a new trace begins, recorded by chance. `name` is one of few.
  [[nodiscard]] Trace Begin(std::optional<std::string_view> traceparent, std::string_view name,
                            std::chrono::nanoseconds arrived) const;

  void AppendFamilies(std::vector<telemetry::Family>& families) const;

 private:
  std::shared_ptr<telemetry::OtlpExporter> exporter_;
};

}  // namespace bulkhead::gateway
