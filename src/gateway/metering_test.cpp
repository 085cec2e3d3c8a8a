// SPDX-License-Identifier: Apache-2.0
#include "gateway/metering.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "async/test_loop.h"
#include "meter/segment_header.h"
#include "meter/test_ledger.h"
#include "meter/usage.h"

namespace bulkhead::gateway {
namespace {

using Recorded = base::Result<meter::RecordId>;

class MeteringTest : public testing::Test {
 protected:
  void SetUp() override {
    auto metering = Metering::Open(io_, folder_.ledger(), {});
    ASSERT_TRUE(metering.ok()) << metering.error().detail;
    metering_ = std::move(metering).value();
  }

  Recorded Record(const meter::FrameRecord& record) {
    const auto outcome = async::Start(io_, metering_->Record(record));
    async::RunUntil(io_, [&] { return outcome->has_value(); });
    return std::move(outcome->value());
  }

  // The only value of a family.
  double ValueOf(const std::string& name) {
    std::vector<telemetry::Family> families;
    metering_->AppendFamilies(families);
    const auto found = std::ranges::find(families, name, &telemetry::Family::name);
    if (found == families.end()) return -1;
    return std::get<double>(found->samples.at(0).value);
  }

  // Ends the ledger, and what it then holds of an outcome.
  uint64_t FramesOf(meter::Outcome outcome) {
    metering_.reset();
    const auto reopened = meter::Ledger::Open(folder_.ledger()).value();
    const auto step = meter::CountUsage(folder_.ledger(), 0, reopened->position()).value();
    uint64_t frames = 0;
    for (const auto& [key, amounts] : step.totals) {
      if (key.outcome == outcome) frames += amounts.frames;
    }
    return frames;
  }

  const meter::TestFolder folder_;
  const meter::FrameRecord record_ = meter::ExampleRecord();  // stays while it is recorded
  boost::asio::io_context io_;
  std::unique_ptr<Metering> metering_;  // ends before the io_context
};

TEST_F(MeteringTest, GoesOnOnlyWhenTheRecordIsDurable) {
  const auto outcome = async::Start(io_, metering_->Record(record_));
  EXPECT_FALSE(outcome->has_value());
  async::RunUntil(io_, [&] { return outcome->has_value(); });
  ASSERT_TRUE(outcome->value().ok());
  EXPECT_EQ(metering_->ledger().position(), 1U);
  EXPECT_EQ(FramesOf(meter::Outcome::kOk), 1U);
}

TEST_F(MeteringTest, GivesEachOfManyWaitersItsOwnRecord) {
  constexpr std::size_t kWaiters = 200;
  std::vector<async::Outcome<Recorded>> outcomes;
  for (std::size_t i = 0; i < kWaiters; ++i) {
    outcomes.push_back(async::Start(io_, metering_->Record(record_)));
  }
  async::RunUntil(io_, [&] {
    return std::ranges::all_of(outcomes, [](const auto& outcome) { return outcome->has_value(); });
  });
  std::set<meter::RecordId> ids;
  for (const auto& outcome : outcomes) ids.insert(outcome->value().value());
  EXPECT_EQ(ids.size(), kWaiters);
  EXPECT_EQ(ValueOf("bulkhead_ledger_records_total"), static_cast<double>(kWaiters));
}

TEST_F(MeteringTest, CountsWhoWaits) {
  const auto outcome = async::Start(io_, metering_->Record(record_));
  async::RunReady(io_);
  const double waited = ValueOf("bulkhead_ledger_waiting");
  EXPECT_EQ(waited, outcome->has_value() ? 0 : 1);
  async::RunUntil(io_, [&] { return outcome->has_value(); });
  EXPECT_EQ(ValueOf("bulkhead_ledger_waiting"), 0);
}

TEST_F(MeteringTest, RefusesWithASentenceForTheCallerAndGoesOnAfterIt) {
  meter::FrameRecord record = meter::ExampleRecord();
  record.model = "not a name";
  const Recorded refused = Record(record);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::kUnavailable);
  EXPECT_EQ(refused.error().public_message, "the request cannot be metered now; try again later");
  EXPECT_TRUE(metering_->usable());
  EXPECT_EQ(ValueOf("bulkhead_ledger_refused_total"), 1);
  EXPECT_TRUE(Record(meter::ExampleRecord()).ok());
}

TEST_F(MeteringTest, RefusesWhatAFullDiskDoesNotTakeAndGoesOnWhenThereIsRoom) {
  ASSERT_TRUE(Record(meter::ExampleRecord()).ok());
  {
    const meter::FullDisk full(meter::kSegmentHeaderBytes);
    EXPECT_EQ(Record(meter::ExampleRecord()).error().code, base::Code::kUnavailable);
  }
  EXPECT_TRUE(metering_->usable());
  EXPECT_TRUE(Record(meter::ExampleRecord()).ok());
  EXPECT_EQ(FramesOf(meter::Outcome::kOk), 2U);
}

TEST_F(MeteringTest, TakesBackAResultThatWasNotReleased) {
  const Recorded recorded = Record(meter::ExampleRecord());
  ASSERT_TRUE(recorded.ok());
  metering_->TakeBack(meter::ExampleRecord(), recorded.value());
  EXPECT_EQ(FramesOf(meter::Outcome::kUndelivered), 1U);
}

TEST_F(MeteringTest, TakesBackWhenThereIsRoomAgainWhatFoundNone) {
  const Recorded recorded = Record(meter::ExampleRecord());
  {
    const meter::FullDisk full(meter::kSegmentHeaderBytes);
    metering_->TakeBack(meter::ExampleRecord(), recorded.value());
    ASSERT_FALSE(Record(meter::ExampleRecord()).ok());
  }
  // The next one that finds room brings it along, before the one after it.
  ASSERT_TRUE(Record(meter::ExampleRecord()).ok());
  ASSERT_TRUE(Record(meter::ExampleRecord()).ok());
  EXPECT_EQ(metering_->ledger().position(), 4U);
  EXPECT_EQ(FramesOf(meter::Outcome::kUndelivered), 1U);
}

TEST_F(MeteringTest, TakesBackAtItsEndWhatFoundNoRoom) {
  const Recorded recorded = Record(meter::ExampleRecord());
  {
    const meter::FullDisk full(meter::kSegmentHeaderBytes);
    metering_->TakeBack(meter::ExampleRecord(), recorded.value());
    ASSERT_FALSE(Record(meter::ExampleRecord()).ok());
  }
  EXPECT_EQ(FramesOf(meter::Outcome::kUndelivered), 1U);
}

TEST_F(MeteringTest, KeepsARecordThatNobodyWaitsFor) {
  meter::FrameRecord record = meter::ExampleRecord();
  record.outcome = meter::Outcome::kFailed;
  metering_->Note(record);
  EXPECT_EQ(FramesOf(meter::Outcome::kFailed), 1U);
}

TEST_F(MeteringTest, KeepsNothingOfAFullDiskThatBillsNothing) {
  ASSERT_TRUE(Record(meter::ExampleRecord()).ok());
  meter::FrameRecord failed = meter::ExampleRecord();
  failed.outcome = meter::Outcome::kFailed;
  {
    const meter::FullDisk full(meter::kSegmentHeaderBytes);
    metering_->Note(failed);
    ASSERT_FALSE(Record(meter::ExampleRecord()).ok());
  }
  ASSERT_TRUE(Record(meter::ExampleRecord()).ok());
  EXPECT_EQ(FramesOf(meter::Outcome::kFailed), 0U);
}

TEST_F(MeteringTest, TellsTenantsNothingThatCounts) {
  const meter::RecordId first = Record(meter::ExampleRecord()).value();
  const meter::RecordId second = Record(meter::ExampleRecord()).value();
  EXPECT_EQ(second.sequence, first.sequence + 1);
  EXPECT_NE(metering_->ReceiptOf(first), metering_->ReceiptOf(second));
  EXPECT_EQ(metering_->ReceiptOf(first).size(), metering_->ledger().id().size() + 1 + 32);
}

TEST_F(MeteringTest, DoesNotShareItsFolder) {
  EXPECT_EQ(Metering::Open(io_, folder_.ledger(), {}).error().code, base::Code::kConflict);
}

}  // namespace
}  // namespace bulkhead::gateway
