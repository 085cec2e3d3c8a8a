// SPDX-License-Identifier: Apache-2.0
#include "gateway/tracing.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/monotonic_clock.h"
#include "base/random_bytes.h"
#include "base/unix_clock.h"

namespace bulkhead::gateway {
namespace {

using std::chrono::nanoseconds;
using telemetry::Span;
using telemetry::SpanKind;
using telemetry::TraceContext;

// The server's fault; a client's is none of ours (OpenTelemetry's conventions for HTTP servers).
constexpr int kServerErrors = 500;

template <std::size_t kSize>
base::Status FillId(std::array<uint8_t, kSize>& id) {
  return base::FillRandom(std::as_writable_bytes(std::span(id)));
}

}  // namespace

RequestTrace::RequestTrace(std::shared_ptr<telemetry::OtlpExporter> exporter, Span request,
                           nanoseconds unix_minus_monotonic)
    : exporter_(std::move(exporter)), unix_minus_monotonic_(unix_minus_monotonic) {
  spans_.push_back(std::move(request));
}

RequestTrace::~RequestTrace() {
  Span& request = spans_.front();
  if (request.end_unix_ns == 0) {
    request.end_unix_ns = UnixOf(base::MonotonicNow());
    request.failed = true;
  }
  exporter_->Add(std::move(spans_));
}

std::string RequestTrace::traceparent() const {
  return telemetry::FormatTraceparent(spans_.front().context);
}

void RequestTrace::Set(std::string_view key, telemetry::AttributeValue value) {
  auto& attributes = spans_.front().attributes;
  const auto found = std::ranges::find(attributes, key, [](const auto& one) { return one.first; });
  if (found != attributes.end()) {
    found->second = std::move(value);
  } else {
    attributes.emplace_back(key, std::move(value));
  }
}

void RequestTrace::Answered(int status) {
  Set("http.response.status_code", int64_t{status});
  spans_.front().end_unix_ns = UnixOf(base::MonotonicNow());
  spans_.front().failed = status >= kServerErrors;
}

RequestTrace::SpanId RequestTrace::Add(std::string_view name, nanoseconds begin, nanoseconds end,
                                       bool failed, const std::optional<SpanId>& under) {
  Span span;
  span.context = spans_.front().context;
  // The kernel gave the request's own id just before; a step without one is left out.
  if (!FillId(span.context.span_id).ok()) return spans_.front().context.span_id;
  span.parent_id = under.value_or(spans_.front().context.span_id);
  span.name = name;
  span.start_unix_ns = UnixOf(begin);
  span.end_unix_ns = UnixOf(end);
  span.failed = failed;
  spans_.push_back(std::move(span));
  return spans_.back().context.span_id;
}

int64_t RequestTrace::UnixOf(nanoseconds monotonic) const {
  return (monotonic + unix_minus_monotonic_).count();
}

TraceStep::TraceStep(Trace trace, std::string_view name) : trace_(std::move(trace)), name_(name) {
  if (trace_) begin_ = base::MonotonicNow();
}

std::optional<RequestTrace::SpanId> TraceStep::End(bool failed) {
  if (!trace_) return std::nullopt;
  const auto id = trace_->Add(name_, begin_, base::MonotonicNow(), failed);
  trace_.reset();
  return id;
}

void TraceStep::Succeeded(const channel::FrameTimes& times) {
  const Trace trace = trace_;
  const auto id = End(false);
  if (!id) return;
  nanoseconds at = begin_;
  for (const auto& [name, took] : {std::pair("worker.queue", times.queue),
                                   {"decode", times.decode + times.letterbox},
                                   {"infer", times.infer},
                                   {"post", times.heads}}) {
    trace->Add(name, at, at + took, false, id);
    at += took;
  }
}

void TraceVersion(const Trace& trace, tenant::Version version) {
  if (trace) trace->Set("bulkhead.version", int64_t{version});
}

Trace Tracer::Begin(std::optional<std::string_view> traceparent, std::string_view name,
                    nanoseconds arrived) const {
  if (!exporter_) return nullptr;
  Span span;
  const auto parent = traceparent ? telemetry::ParseTraceparent(*traceparent) : std::nullopt;
  if (parent) {
    if (!parent->sampled) return nullptr;
    span.context = *parent;
    span.parent_id = parent->span_id;
  } else {
    if (!FillId(span.context.trace_id).ok()) return nullptr;
    if (!telemetry::IsAmong(span.context.trace_id, exporter_->options().sampled_share)) {
      return nullptr;
    }
    span.context.sampled = true;
  }
  if (!FillId(span.context.span_id).ok()) return nullptr;
  const nanoseconds unix_minus_monotonic =
      std::chrono::milliseconds(base::UnixNowMs()) - base::MonotonicNow();
  span.name = name;
  span.kind = SpanKind::kServer;
  span.start_unix_ns = (arrived + unix_minus_monotonic).count();
  return std::make_shared<RequestTrace>(exporter_, std::move(span), unix_minus_monotonic);
}

void Tracer::AppendFamilies(std::vector<telemetry::Family>& families) const {
  if (!exporter_) return;
  const telemetry::OtlpCounts counts = exporter_->counts();
  telemetry::Family spans{
      "bulkhead_trace_spans_total", "Spans by what became of them.", telemetry::Kind::kCounter, {}};
  for (const auto& [result, count] : {std::pair("exported", counts.exported),
                                      {"dropped", counts.dropped},
                                      {"failed", counts.failed}}) {
    spans.samples.push_back({{{"result", result}}, static_cast<double>(count)});
  }
  families.push_back(std::move(spans));
}

}  // namespace bulkhead::gateway
