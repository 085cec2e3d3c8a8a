// SPDX-License-Identifier: Apache-2.0
#include "meter/export.h"

#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "meter/export_json.h"
#include "meter/test_ledger.h"
#include "meter/verify.h"

namespace bulkhead::meter {
namespace {

constexpr int64_t kStartMs = 500'000 * kHourMs;  // 2027-01-15T08:00:00Z
constexpr int64_t kMinuteMs = 60'000;

FrameRecord At(int64_t minute, Outcome outcome = Outcome::kOk, uint32_t frames = 1) {
  FrameRecord record = ExampleRecord();
  record.outcome = outcome;
  if (outcome == Outcome::kUndelivered) record.about = {.epoch = 1, .sequence = 1};
  record.frames = frames;
  record.time_unix_ms = kStartMs + minute * kMinuteMs;
  return record;
}

// A receiver that knows ids again, like those that there are.
struct Receiver {
  std::map<std::string, UsageEvent> events;
  std::size_t calls = 0;
  bool down = false;

  base::Status Take(std::span<const UsageEvent> given) {
    ++calls;
    for (const UsageEvent& event : given) {
      const auto [known, added] = events.emplace(event.id, event);
      // One id, one content.
      EXPECT_EQ(known->second, event);
    }
    if (down) return base::OperatorError(base::Code::kUnavailable, "no answer");
    return base::Ok();
  }

  [[nodiscard]] int64_t billed() const {
    return std::accumulate(
        events.begin(), events.end(), int64_t{0},
        [](int64_t sum, const auto& event) { return sum + event.second.billed_frames; });
  }
};

class Export : public testing::Test {
 protected:
  void Open() {
    ledger_.reset();
    ledger_ = Ledger::Open(folder_.ledger(), {.segment_bytes_max = 600}).value();
  }
  void Append(const FrameRecord& record) { ASSERT_TRUE(AppendAndWait(*ledger_, record).ok()); }
  base::Result<ExportBatch> ExportAt(int64_t minute, const ExportOptions& options = {}) {
    const int64_t now = kStartMs + minute * kMinuteMs;
    BH_ASSIGN(const auto batch, BeginExport(*ledger_, folder_.ledger(), now, options));
    if (!batch) return ExportBatch{};
    BH_TRY(receiver_.Take(batch->events));
    BH_TRY(EndExport(*ledger_, now, batch->from, batch->to));
    return *batch;
  }

  void SetUp() override { Open(); }

  TestFolder folder_;
  std::unique_ptr<Ledger> ledger_;
  Receiver receiver_;
};

TEST_F(Export, GivesAnHourOnceItIsOverAndSettled) {
  Append(At(1));
  Append(At(59, Outcome::kOk, 2));
  Append(At(60, Outcome::kOk, 4));
  EXPECT_EQ(ExportAt(60).value().events.size(), 0U);
  EXPECT_EQ(receiver_.calls, 0U);
  const ExportBatch result = ExportAt(61).value();
  EXPECT_EQ(result.events.size(), 1U);
  EXPECT_EQ(result.from, 0U);
  EXPECT_EQ(result.to, 2U);
  EXPECT_EQ(receiver_.billed(), 3);
  EXPECT_EQ(ExportAt(119).value().events.size(), 0U);
  EXPECT_EQ(ExportAt(121).value().events.size(), 1U);
  EXPECT_EQ(receiver_.billed(), 7);
}

TEST_F(Export, GivesEveryRecordOnceOverRestarts) {
  int64_t frames = 0;
  for (int64_t minute = 0; minute < 600; minute += 7) {
    Append(At(minute, Outcome::kOk, 3));
    frames += 3;
    ASSERT_TRUE(ExportAt(minute).ok());
    if (minute % 5 == 0) Open();
  }
  ASSERT_TRUE(ExportAt(661).ok());
  EXPECT_EQ(receiver_.billed(), frames);
  EXPECT_EQ(receiver_.events.size(), 10U);
  EXPECT_TRUE(Verify(folder_.ledger()).value().sound());
}

TEST_F(Export, TakesBackLaterWhatWasNotDelivered) {
  Append(At(1, Outcome::kOk, 5));
  ASSERT_EQ(ExportAt(61).value().events.size(), 1U);
  Append(At(62, Outcome::kUndelivered, 5));
  Append(At(62, Outcome::kFailed, 1));
  ASSERT_EQ(ExportAt(121).value().events.size(), 2U);
  EXPECT_EQ(receiver_.billed(), 0);
  EXPECT_EQ(receiver_.events.size(), 3U);
}

TEST_F(Export, GivesLateRecordsInAnEventOfTheirOwn) {
  Append(At(1, Outcome::kOk, 5));
  ASSERT_EQ(ExportAt(61).value().events.size(), 1U);
  Append(At(2, Outcome::kOk, 7));
  ASSERT_EQ(ExportAt(121).value().events.size(), 1U);
  EXPECT_EQ(receiver_.events.size(), 2U);
  EXPECT_EQ(receiver_.billed(), 12);
}

TEST_F(Export, RepeatsTheSameEventsAfterAFailureThoughRecordsCameSince) {
  Append(At(1, Outcome::kOk, 5));
  receiver_.down = true;
  EXPECT_EQ(ExportAt(61).error().code, base::Code::kUnavailable);
  Append(At(2, Outcome::kOk, 7));
  Open();
  receiver_.down = false;
  const ExportBatch again = ExportAt(62).value();
  EXPECT_TRUE(again.again);
  EXPECT_EQ(receiver_.events.size(), 1U);
  EXPECT_EQ(receiver_.billed(), 5);
  ASSERT_EQ(ExportAt(121).value().events.size(), 1U);
  EXPECT_EQ(receiver_.billed(), 12);
  EXPECT_TRUE(Verify(folder_.ledger()).value().sound());
}

TEST_F(Export, EndsOnceAndOnlyWhatWasBegunLast) {
  Append(At(1, Outcome::kOk, 5));
  EXPECT_EQ(EndExport(*ledger_, kStartMs, 0, 1).error().code, base::Code::kConflict);
  const auto batch = BeginExport(*ledger_, folder_.ledger(), kStartMs + 61 * kMinuteMs).value();
  ASSERT_TRUE(batch);
  EXPECT_EQ(EndExport(*ledger_, kStartMs, 0, 2).error().code, base::Code::kConflict);
  ASSERT_TRUE(EndExport(*ledger_, kStartMs, batch->from, batch->to).ok());
  const uint64_t position = ledger_->position();
  // A caller who did not hear the first answer asks again.
  ASSERT_TRUE(EndExport(*ledger_, kStartMs, batch->from, batch->to).ok());
  EXPECT_EQ(ledger_->position(), position);
  EXPECT_TRUE(Verify(folder_.ledger()).value().sound());
}

TEST_F(Export, DoesNotRepeatBlindlyWhatTheReceiverMayHaveForgotten) {
  Append(At(1));
  receiver_.down = true;
  ASSERT_FALSE(ExportAt(61).ok());
  receiver_.down = false;
  EXPECT_EQ(ExportAt(61 + 24 * 60).error().code, base::Code::kConflict);
  EXPECT_TRUE(ExportAt(61 + 24 * 60, {.replay_old = true}).value().again);
}

TEST_F(Export, IsNotHeldUpByARecordFromTheFuture) {
  Append(At(100'000));
  Append(At(1, Outcome::kOk, 2));
  EXPECT_EQ(ExportAt(61).value().events.size(), 2U);
  EXPECT_EQ(receiver_.billed(), 3);
}

TEST_F(Export, WritesTheShapesOfItsReceivers) {
  Append(At(1, Outcome::kOk, 5));
  Append(At(2, Outcome::kFailed, 1));
  const auto events = MakeEvents(folder_.ledger(), "0123456789abcdef", 0, 2).value();
  const auto cloud = nlohmann::json::parse(CloudEventsBatch(events));
  ASSERT_EQ(cloud.size(), 2U);
  EXPECT_EQ(cloud[0], nlohmann::json::parse(R"({
    "specversion": "1.0", "id": "0123456789abcdef-0-2-0", "source": "bulkhead/0123456789abcdef",
    "type": "bulkhead.frames", "subject": "TenantA123456789", "time": "2027-01-15T08:00:00Z",
    "datacontenttype": "application/json",
    "data": {"model": "line-inspection", "version": 3, "outcome": "ok", "frames": 5,
             "billed_frames": 5, "bytes_in": 250000, "compute_us": 41500}})"));
  EXPECT_EQ(cloud[1]["data"]["billed_frames"], 0);
  const auto lago = LagoBatches(events);
  ASSERT_EQ(lago.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(lago[0]), nlohmann::json::parse(R"({"events": [{
    "transaction_id": "0123456789abcdef-0-2-0", "external_subscription_id": "TenantA123456789",
    "code": "bulkhead_frames", "timestamp": 1800000000,
    "properties": {"model": "line-inspection", "version": 3, "billed_frames": 5}}]})"));
  const auto stripe = StripeMeterEvents(events);
  ASSERT_EQ(stripe.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(stripe[0]), nlohmann::json::parse(R"({
    "event_name": "bulkhead_frames", "identifier": "0123456789abcdef-0-2-0",
    "timestamp": 1800000000,
    "payload": {"stripe_customer_id": "TenantA123456789", "value": "5"}})"));
}

TEST_F(Export, HasAsManyRequestsAsTheReceiverWants) {
  std::vector<UsageEvent> events(101);
  for (UsageEvent& event : events) event.billed_frames = 1;
  const auto requests = [&](std::string_view format) {
    return RequestBodies(ParseExportFormat(format).value(), events).size();
  };
  EXPECT_EQ(requests("cloudevents"), 1U);
  EXPECT_EQ(requests("lago"), 2U);
  EXPECT_EQ(requests("stripe"), 101U);
  events.clear();
  EXPECT_EQ(requests("cloudevents"), 0U);
  EXPECT_FALSE(ParseExportFormat("Lago"));
}

TEST_F(Export, GivesLagoAtMostAHundredEventsAtATime) {
  std::vector<UsageEvent> events(201);
  for (UsageEvent& event : events) event.billed_frames = 1;
  const auto batches = LagoBatches(events);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(nlohmann::json::parse(batches[0])["events"].size(), 100U);
  EXPECT_EQ(nlohmann::json::parse(batches[2])["events"].size(), 1U);
}

}  // namespace
}  // namespace bulkhead::meter
