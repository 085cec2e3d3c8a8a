// SPDX-License-Identifier: Apache-2.0
#include "gateway/tracing.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/monotonic_clock.h"
#include "telemetry/test_otlp_receiver.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using telemetry::OtlpReceiver;

constexpr const char* kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kUnsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

class Traces : public testing::Test {
 protected:
  Tracer TracerOf(double sampled_share = 1) {
    telemetry::OtlpOptions options;
    options.host = "127.0.0.1";
    options.port = receiver_.port();
    options.path = "/v1/traces";
    options.delay = milliseconds(1);
    options.sampled_share = sampled_share;
    return Tracer(
        std::make_shared<telemetry::OtlpExporter>(std::move(options), [](std::string_view) {}));
  }

  // The spans of the first request that arrives, by their names.
  std::map<std::string, json> Spans() {
    std::map<std::string, json> spans;
    const json request = json::parse(receiver_.Await(1).front().body());
    for (const json& span : request["resourceSpans"][0]["scopeSpans"][0]["spans"]) {
      spans[span["name"]] = span;
    }
    return spans;
  }

  OtlpReceiver receiver_{[](std::size_t) { return OtlpReceiver::Answer(200); }};
};

int64_t Nanoseconds(const json& span, const char* when) {
  return std::stoll(span[when].get<std::string>());
}

TEST_F(Traces, AreNoneWithoutAnExporter) {
  EXPECT_EQ(Tracer(nullptr).Begin(kParent, "detect", {}), nullptr);
  TraceStep step(nullptr, "queue");
  step.Succeeded();
}

TEST_F(Traces, GoOnFromTheClientsSpan) {
  const Tracer tracer = TracerOf();
  Trace trace = tracer.Begin(kParent, "detect", base::MonotonicNow());
  const std::string answered = trace->traceparent();
  EXPECT_THAT(answered, testing::StartsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
  trace->Answered(200);
  trace.reset();
  const json span = Spans()["detect"];
  EXPECT_EQ(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(span["parentSpanId"], "00f067aa0ba902b7");
  EXPECT_EQ(span["spanId"], answered.substr(36, 16));
  EXPECT_FALSE(span.contains("status"));
}

TEST_F(Traces, AreRecordedAsTheClientSays) {
  EXPECT_EQ(TracerOf(1).Begin(kUnsampled, "detect", {}), nullptr);
  Trace trace = TracerOf(0).Begin(kParent, "detect", {});
  EXPECT_NE(trace, nullptr);
}

TEST_F(Traces, AreChosenByChanceWhereNobodySays) {
  EXPECT_EQ(TracerOf(0).Begin(std::nullopt, "detect", {}), nullptr);
  EXPECT_EQ(TracerOf(0).Begin("no traceparent", "detect", {}), nullptr);
  EXPECT_NE(TracerOf(1).Begin(std::nullopt, "detect", {}), nullptr);
}

TEST_F(Traces, HoldAWorkersPhasesUnderItsStep) {
  const Tracer tracer = TracerOf();
  Trace trace = tracer.Begin(kParent, "detect", base::MonotonicNow());
  TraceStep step(trace, "worker");
  channel::FrameTimes times;
  times.queue = milliseconds(1);
  times.decode = milliseconds(2);
  times.letterbox = milliseconds(3);
  times.infer = milliseconds(40);
  step.Succeeded(times);
  TraceVersion(trace, 7);
  trace->Answered(200);
  trace.reset();
  auto spans = Spans();
  EXPECT_EQ(spans["worker"]["parentSpanId"], spans["detect"]["spanId"]);
  for (const char* phase : {"worker.queue", "decode", "infer", "post"}) {
    EXPECT_EQ(spans[phase]["parentSpanId"], spans["worker"]["spanId"]) << phase;
  }
  const json& decode = spans["decode"];
  EXPECT_EQ(Nanoseconds(decode, "startTimeUnixNano"),
            Nanoseconds(spans["worker.queue"], "endTimeUnixNano"));
  EXPECT_EQ(Nanoseconds(decode, "endTimeUnixNano") - Nanoseconds(decode, "startTimeUnixNano"),
            5'000'000);
  EXPECT_EQ(spans["detect"]["attributes"][0]["value"]["intValue"], "7");
}

TEST_F(Traces, MarkWhatFailed) {
  const Tracer tracer = TracerOf();
  Trace trace = tracer.Begin(kParent, "detect", base::MonotonicNow());
  {
    const TraceStep step(trace, "queue");
  }
  trace->Answered(503);
  trace.reset();
  auto spans = Spans();
  EXPECT_EQ(spans["queue"]["status"]["code"], 2);
  EXPECT_EQ(spans["detect"]["status"]["code"], 2);
}

TEST_F(Traces, MarkARequestThatWasNeverAnswered) {
  const Tracer tracer = TracerOf();
  tracer.Begin(kParent, "detect", base::MonotonicNow()).reset();
  EXPECT_EQ(Spans()["detect"]["status"]["code"], 2);
}

}  // namespace
}  // namespace bulkhead::gateway
