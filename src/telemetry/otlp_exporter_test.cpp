// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_exporter.h"

#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "telemetry/test_otlp_receiver.h"

namespace bulkhead::telemetry {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// An hour: it does not happen in these tests.
constexpr milliseconds kNever{3'600'000};

OtlpOptions OptionsTo(uint16_t port) {
  OtlpOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  options.path = "/v1/traces";
  options.service_name = "bulkhead-gateway";
  options.delay = milliseconds(1);
  options.timeout = kNever;
  options.retry_first = options.retry_last = milliseconds(1);
  return options;
}

std::vector<Span> Spans(std::size_t count) {
  std::vector<Span> spans(count);
  for (Span& span : spans) span.name = "request";
  return spans;
}

std::size_t CountOf(const OtlpReceiver::Request& request) {
  return json::parse(request.body())["resourceSpans"][0]["scopeSpans"][0]["spans"].size();
}

// Gives other threads time until it holds; a test that never comes to its end fails by its limit.
template <typename Condition>
void Await(Condition holds) {
  while (!holds()) std::this_thread::yield();
}

const auto kIgnore = [](std::string_view) {};

TEST(OtlpExporter, PostsSpansAsJson) {
  OtlpReceiver receiver([](std::size_t) { return OtlpReceiver::Answer(200); });
  OtlpExporter exporter(OptionsTo(receiver.port()), kIgnore);
  exporter.Add(Spans(3));
  const OtlpReceiver::Request request = receiver.Await(1).front();
  EXPECT_EQ(request.method_string(), "POST");
  EXPECT_EQ(request.target(), "/v1/traces");
  EXPECT_EQ(request["Content-Type"], "application/json");
  EXPECT_EQ(request["Host"], "127.0.0.1:" + std::to_string(receiver.port()));
  EXPECT_EQ(CountOf(request), 3U);
  Await([&] { return exporter.counts().exported == 3; });
}

TEST(OtlpExporter, SendsNoMoreThanABatchAtOnce) {
  OtlpReceiver receiver([](std::size_t) { return OtlpReceiver::Answer(200); });
  OtlpOptions options = OptionsTo(receiver.port());
  options.batch_max = 4;
  OtlpExporter exporter(options, kIgnore);
  exporter.Add(Spans(9));
  const auto requests = receiver.Await(3);
  EXPECT_EQ(CountOf(requests[0]), 4U);
  EXPECT_EQ(CountOf(requests[1]), 4U);
  EXPECT_EQ(CountOf(requests[2]), 1U);
}

TEST(OtlpExporter, SendsAFullBatchWithoutWaitingForMore) {
  OtlpReceiver receiver([](std::size_t) { return OtlpReceiver::Answer(200); });
  OtlpOptions options = OptionsTo(receiver.port());
  options.batch_max = 4;
  options.delay = kNever;
  OtlpExporter exporter(options, kIgnore);
  exporter.Add(Spans(4));
  EXPECT_EQ(CountOf(receiver.Await(1).front()), 4U);
}

TEST(OtlpExporter, SendsABatchAgainThatWasRefusedForNow) {
  OtlpReceiver receiver(
      [](std::size_t number) { return OtlpReceiver::Answer(number < 3 ? 503 : 200); });
  OtlpExporter exporter(OptionsTo(receiver.port()), kIgnore);
  exporter.Add(Spans(2));
  const auto requests = receiver.Await(3);
  EXPECT_EQ(requests[0].body(), requests[2].body());
  Await([&] { return exporter.counts().exported == 2; });
  EXPECT_EQ(exporter.counts().failed, 0U);
}

TEST(OtlpExporter, GivesUpWhatIsRefusedForGood) {
  OtlpReceiver receiver(
      [](std::size_t number) { return OtlpReceiver::Answer(number == 1 ? 400 : 200); });
  OtlpExporter exporter(OptionsTo(receiver.port()), kIgnore);
  exporter.Add(Spans(2));
  Await([&] { return exporter.counts().failed == 2; });
  exporter.Add(Spans(1));
  EXPECT_EQ(CountOf(receiver.Await(2)[1]), 1U);
}

TEST(OtlpExporter, CountsWhatAReceiverThrewAway) {
  OtlpReceiver receiver([](std::size_t) {
    return OtlpReceiver::Answer(200, R"({"partialSuccess": {"rejectedSpans": "2"}})");
  });
  OtlpExporter exporter(OptionsTo(receiver.port()), kIgnore);
  exporter.Add(Spans(5));
  Await([&] { return exporter.counts().exported == 3; });
  EXPECT_EQ(exporter.counts().failed, 2U);
}

TEST(OtlpExporter, DropsWhatHasNoRoomWhileAReceiverHangs) {
  OtlpReceiver receiver([](std::size_t) { return OtlpReceiver::Silence(); });
  OtlpOptions options = OptionsTo(receiver.port());
  options.waiting_max = 4;
  options.end_time = milliseconds(0);
  OtlpExporter exporter(options, kIgnore);
  exporter.Add(Spans(1));
  receiver.Await(1);
  for (int i = 0; i < 100; ++i) exporter.Add(Spans(1));
  EXPECT_EQ(exporter.counts().dropped, 96U);
}

TEST(OtlpExporter, LeavesAReceiverThatHangsAndTriesAgain) {
  OtlpReceiver receiver([](std::size_t number) {
    return number == 1 ? OtlpReceiver::Silence() : OtlpReceiver::Answer(200);
  });
  OtlpOptions options = OptionsTo(receiver.port());
  options.timeout = milliseconds(50);
  options.attempts_max = 1000;
  OtlpExporter exporter(options, kIgnore);
  exporter.Add(Spans(2));
  Await([&] { return exporter.counts().exported == 2; });
}

TEST(OtlpExporter, EndsWhileAReceiverHangs) {
  OtlpReceiver receiver([](std::size_t) { return OtlpReceiver::Silence(); });
  OtlpOptions options = OptionsTo(receiver.port());
  options.end_time = milliseconds(50);
  auto exporter = std::make_unique<OtlpExporter>(options, kIgnore);
  exporter->Add(Spans(1));
  receiver.Await(1);
  exporter.reset();
}

TEST(OtlpExporter, SendsWhatWaitsBeforeItEnds) {
  OtlpReceiver receiver([](std::size_t) { return OtlpReceiver::Answer(200); });
  OtlpOptions options = OptionsTo(receiver.port());
  options.delay = kNever;
  options.end_time = kNever;
  auto exporter = std::make_unique<OtlpExporter>(options, kIgnore);
  exporter->Add(Spans(3));
  exporter.reset();
  EXPECT_EQ(CountOf(receiver.Await(1).front()), 3U);
}

TEST(OtlpExporter, SaysOnceThatAReceiverIsGone) {
  uint16_t port = 0;
  {
    const OtlpReceiver gone([](std::size_t) { return OtlpReceiver::Answer(200); });
    port = gone.port();
  }
  OtlpOptions options = OptionsTo(port);
  options.attempts_max = 3;
  std::mutex mutex;
  std::vector<std::string> lines;
  OtlpExporter exporter(options, [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  });
  exporter.Add(Spans(2));
  Await([&] { return exporter.counts().failed == 2; });
  exporter.Add(Spans(1));
  Await([&] { return exporter.counts().failed == 3; });
  const std::lock_guard lock(mutex);
  EXPECT_THAT(lines, testing::ElementsAre(testing::HasSubstr("traces are not taken: 127.0.0.1:")));
}

}  // namespace
}  // namespace bulkhead::telemetry
