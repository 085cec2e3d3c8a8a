// SPDX-License-Identifier: Apache-2.0
#include "meter/usage.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "meter/read_entries.h"
#include "meter/test_ledger.h"

namespace bulkhead::meter {
namespace {

constexpr int64_t kStartMs = 500'000 * kHourMs;

FrameRecord At(int64_t minute, Outcome outcome, uint32_t frames) {
  FrameRecord record = ExampleRecord();
  record.outcome = outcome;
  if (outcome == Outcome::kUndelivered) record.about = {.epoch = 1, .sequence = 1};
  record.frames = frames;
  record.bytes_in = 100;
  record.compute_us = 10;
  record.time_unix_ms = kStartMs + minute * 60'000;
  return record;
}

UsageKey KeyOf(const FrameRecord& record, int64_t hour) {
  return {record.tenant, record.model, record.version, kStartMs + hour * kHourMs, record.outcome};
}

// Two epochs of several segments; `count` records of `frames` 1, 2, ...
void WriteLedger(const TestFolder& folder, uint32_t count) {
  uint32_t frames = 0;
  while (frames < count) {
    const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = 700}).value();
    for (uint32_t i = 0; i < (count + 1) / 2 && frames < count; ++i) {
      ASSERT_TRUE(AppendAndWait(*ledger, At(0, Outcome::kOk, ++frames)).ok());
    }
  }
}

TEST(Usage, AddsUpByHourAndOutcome) {
  const TestFolder folder;
  const auto ledger = Ledger::Open(folder.ledger()).value();
  FrameRecord other = At(59, Outcome::kOk, 5);
  other.version = 4;
  const ExportMark mark{.step = ExportStep::kBegun};
  ASSERT_TRUE(AppendAndWait(*ledger, At(0, Outcome::kOk, 1)).ok());
  ASSERT_TRUE(AppendAndWait(*ledger, At(59, Outcome::kOk, 2)).ok());
  ASSERT_TRUE(AppendAndWait(*ledger, At(60, Outcome::kOk, 3)).ok());
  ASSERT_TRUE(AppendAndWait(*ledger, mark).ok());
  ASSERT_TRUE(AppendAndWait(*ledger, At(60, Outcome::kUndelivered, 1)).ok());
  ASSERT_TRUE(AppendAndWait(*ledger, At(30, Outcome::kFailed, 4)).ok());
  ASSERT_TRUE(AppendAndWait(*ledger, other).ok());
  const UsageStep step = CountUsage(folder.ledger(), 0, ledger->position()).value();
  EXPECT_EQ(step.to, 7U);
  const UsageTotals expected = {
      {KeyOf(At(0, Outcome::kOk, 0), 0), {.frames = 3, .bytes_in = 200, .compute_us = 20}},
      {KeyOf(At(0, Outcome::kOk, 0), 1), {.frames = 3, .bytes_in = 100, .compute_us = 10}},
      {KeyOf(At(0, Outcome::kUndelivered, 0), 1), {.frames = 1, .bytes_in = 100, .compute_us = 10}},
      {KeyOf(At(0, Outcome::kFailed, 0), 0), {.frames = 4, .bytes_in = 100, .compute_us = 10}},
      {KeyOf(other, 0), {.frames = 5, .bytes_in = 100, .compute_us = 10}}};
  EXPECT_EQ(step.totals, expected);
}

TEST(Usage, CountsEachRecordOnceInStepsOfAnySize) {
  const TestFolder folder;
  constexpr uint32_t kRecords = 21;
  WriteLedger(folder, kRecords);
  for (uint64_t size = 1; size <= kRecords; ++size) {
    uint64_t frames = 0;
    uint64_t position = 0;
    while (position < kRecords) {
      const UsageStep step = CountUsage(folder.ledger(), position, kRecords, size).value();
      EXPECT_EQ(step.to, std::min<uint64_t>(position + size, kRecords));
      ASSERT_EQ(step.totals.size(), 1U);
      frames += step.totals.begin()->second.frames;
      position = step.to;
    }
    EXPECT_EQ(frames, kRecords * (kRecords + 1) / 2) << size;
  }
}

TEST(Usage, CountsNothingWhenNothingIsNew) {
  const TestFolder folder;
  WriteLedger(folder, 2);
  const UsageStep step = CountUsage(folder.ledger(), 2, 2).value();
  EXPECT_EQ(step.to, 2U);
  EXPECT_TRUE(step.totals.empty());
}

TEST(ReadEntries, GivesEveryRecordItsPositionAndId) {
  const TestFolder folder;
  WriteLedger(folder, 10);
  std::vector<PlacedEntry> read;
  ASSERT_TRUE(ReadEntries(folder.ledger(), 3, 9, [&read](PlacedEntry entry) {
                read.push_back(std::move(entry));
                return base::Ok();
              }).ok());
  ASSERT_EQ(read.size(), 6U);
  for (std::size_t at = 0; at < read.size(); ++at) {
    EXPECT_EQ(read[at].position, at + 3);
    EXPECT_EQ(read[at].id, at + 3 < 5 ? (RecordId{1, at + 4}) : (RecordId{2, at - 1}));
    EXPECT_EQ(std::get<FrameRecord>(read[at].entry).frames, at + 4);
  }
}

TEST(ReadEntries, StopsAtAnErrorOfItsCaller) {
  const TestFolder folder;
  WriteLedger(folder, 4);
  int calls = 0;
  const auto status = ReadEntries(folder.ledger(), 0, 4, [&calls](const PlacedEntry&) {
    ++calls;
    return base::Status(base::OperatorError(base::Code::kConflict, "stop"));
  });
  EXPECT_EQ(status.error().code, base::Code::kConflict);
  EXPECT_EQ(calls, 1);
}

TEST(ReadEntries, SaysWhenRecordsAreNotThere) {
  const TestFolder folder;
  WriteLedger(folder, 4);
  const auto nothing = [](const PlacedEntry&) { return base::Ok(); };
  EXPECT_EQ(ReadEntries(folder.ledger(), 0, 5, nothing).error().code, base::Code::kCorrupt);
  EXPECT_EQ(ReadEntries(folder.ledger(), 2, 1, nothing).error().code, base::Code::kInvalid);
  std::string content = ContentOf(folder.segment("1"));
  content.back() = static_cast<char>(content.back() ^ 1);
  PutContent(folder.segment("1"), content);
  EXPECT_EQ(ReadEntries(folder.ledger(), 0, 4, nothing).error().code, base::Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::meter
