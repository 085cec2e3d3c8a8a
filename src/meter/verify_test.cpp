// SPDX-License-Identifier: Apache-2.0
#include "meter/verify.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "meter/group.h"
#include "meter/segment_header.h"
#include "meter/segment_reader.h"
#include "meter/test_ledger.h"

namespace bulkhead::meter {
namespace {

// Three segments in two epochs, the last one with three groups.
void WriteSmallLedger(const TestFolder& folder) {
  FrameRecord record = ExampleRecord();
  {
    const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = 1}).value();
    ASSERT_TRUE(AppendAndWait(*ledger, record).ok());
    ASSERT_TRUE(AppendAndWait(*ledger, record).ok());
  }
  const auto ledger = Ledger::Open(folder.ledger()).value();
  record.frames = 8;
  ASSERT_TRUE(AppendAndWait(*ledger, record).ok());
  record.outcome = Outcome::kFailed;
  ASSERT_TRUE(AppendAndWait(*ledger, record).ok());
  record.outcome = Outcome::kUndelivered;
  record.about = {.epoch = 2, .sequence = 1};
  ASSERT_TRUE(AppendAndWait(*ledger, record).ok());
}

// Where the last group of a segment begins.
uint64_t LastGroup(const TestFolder& folder, uint64_t number) {
  auto reader = SegmentReader::Open(folder.ledger(), number).value();
  uint64_t offset = 0;
  for (auto group = reader.Next().value(); group; group = reader.Next().value()) {
    offset = group->offset;
  }
  return offset;
}

TEST(Verify, AddsASoundLedgerUp) {
  const TestFolder folder;
  WriteSmallLedger(folder);
  const VerifyReport report = Verify(folder.ledger()).value();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.ledger_id.size(), 16U);
  EXPECT_EQ(report.segments, 3U);
  EXPECT_EQ(report.epochs, 2U);
  EXPECT_EQ(report.records, 5U);
  EXPECT_EQ(report.ok, (OutcomeTotal{.records = 3, .frames = 10}));
  EXPECT_EQ(report.failed, (OutcomeTotal{.records = 1, .frames = 8}));
  EXPECT_EQ(report.undelivered, (OutcomeTotal{.records = 1, .frames = 8}));
  EXPECT_EQ(report.torn_bytes, 0U);
}

TEST(Verify, FindsEveryChangedByteOutsideOfTheLastGroup) {
  const TestFolder folder;
  WriteSmallLedger(folder);
  const uint64_t last_group = LastGroup(folder, 3);
  for (const std::string number : {"1", "2", "3"}) {
    const auto path = folder.segment(number);
    const std::string content = ContentOf(path);
    for (std::size_t at = 0; at < content.size(); ++at) {
      std::string changed = content;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      PutContent(path, changed);
      const VerifyReport report = Verify(folder.ledger()).value();
      if (number == "3" && at >= last_group) {
        EXPECT_TRUE(report.sound()) << at;
        EXPECT_EQ(report.torn_bytes, content.size() - last_group);
      } else {
        ASSERT_FALSE(report.sound()) << number << " " << at;
        EXPECT_EQ(report.findings[0].file, path.filename());
        EXPECT_LE(report.findings[0].offset, at);
      }
    }
    PutContent(path, content);
  }
  EXPECT_TRUE(Verify(folder.ledger()).value().sound());
}

TEST(Verify, FindsEveryCutButThatOfATail) {
  const TestFolder folder;
  WriteSmallLedger(folder);
  for (const std::string number : {"1", "2", "3"}) {
    const auto path = folder.segment(number);
    const std::string content = ContentOf(path);
    for (std::size_t bytes = 0; bytes < content.size(); ++bytes) {
      PutContent(path, content.substr(0, bytes));
      const bool torn = number == "3" && bytes >= kSegmentHeaderBytes;
      EXPECT_EQ(Verify(folder.ledger()).value().sound(), torn) << number << " " << bytes;
    }
    PutContent(path, content + "x");
    EXPECT_EQ(Verify(folder.ledger()).value().sound(), number == "3");
    PutContent(path, content);
  }
}

TEST(Verify, FindsASegmentThatIsMissing) {
  const TestFolder folder;
  WriteSmallLedger(folder);
  for (const std::string number : {"1", "2"}) {
    const std::string content = ContentOf(folder.segment(number));
    std::filesystem::remove(folder.segment(number));
    const VerifyReport report = Verify(folder.ledger()).value();
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].what, "the segment before it is missing");
    PutContent(folder.segment(number), content);
  }
}

TEST(Verify, FindsASegmentOfAnotherLedger) {
  const TestFolder ours;
  const TestFolder theirs;
  WriteSmallLedger(ours);
  WriteSmallLedger(theirs);
  for (const std::string number : {"1", "2", "3"}) {
    const std::string content = ContentOf(ours.segment(number));
    PutContent(ours.segment(number), ContentOf(theirs.segment(number)));
    EXPECT_FALSE(Verify(ours.ledger()).value().sound()) << number;
    PutContent(ours.segment(number), content);
  }
}

TEST(Verify, FindsARecordThatTakesBackWhatWasNeverGiven) {
  for (const RecordId about : {RecordId{1, 2}, RecordId{1, 3}, RecordId{2, 1}}) {
    const TestFolder folder;
    {
      const auto ledger = Ledger::Open(folder.ledger()).value();
      ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
      FrameRecord record = ExampleRecord();
      record.outcome = Outcome::kUndelivered;
      record.about = about;
      ASSERT_TRUE(AppendAndWait(*ledger, record).ok());
    }
    const VerifyReport report = Verify(folder.ledger()).value();
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].what, "a record takes back one that was never given");
  }
}

TEST(Verify, FindsExportsThatLeaveRecordsOutOrGiveThemTwice) {
  for (const uint64_t from : {0U, 2U}) {
    const TestFolder folder;
    {
      const auto ledger = Ledger::Open(folder.ledger()).value();
      for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
      ExportMark mark{.step = ExportStep::kBegun, .from = 0, .to = 1};
      ASSERT_TRUE(AppendAndWait(*ledger, mark).ok());
      mark.step = ExportStep::kDone;
      ASSERT_TRUE(AppendAndWait(*ledger, mark).ok());
      mark = {.step = ExportStep::kBegun, .from = from, .to = 3};
      ASSERT_TRUE(AppendAndWait(*ledger, mark).ok());
    }
    EXPECT_EQ(Verify(folder.ledger()).value().findings.size(), 1U);
  }
}

TEST(Verify, ReadsBesideARunningLedger) {
  const TestFolder folder;
  const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = 20'000}).value();
  std::thread appending([&ledger] {
    for (int i = 0; i < 400; ++i) (void)AppendAndWait(*ledger, ExampleRecord());
  });
  uint64_t records = 0;
  while (records < 400) {
    const VerifyReport report = Verify(folder.ledger()).value();
    ASSERT_TRUE(report.sound()) << report.findings[0].what;
    ASSERT_GE(report.records, records);
    records = report.records;
  }
  appending.join();
}

TEST(Verify, SaysThatThereIsNoLedger) {
  const TestFolder folder;
  EXPECT_EQ(Verify(folder.ledger()).error().code, base::Code::kNotFound);
  EXPECT_EQ(Verify(folder.path()).error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::meter
