// SPDX-License-Identifier: Apache-2.0
// That a segment's file runs ahead of its records, and that nobody takes that for records.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "meter/segment_header.h"
#include "meter/test_ledger.h"
#include "meter/verify.h"

namespace bulkhead::meter {
namespace {

constexpr std::size_t kReserveBytes = 10'000;

std::unique_ptr<Ledger> OpenReserving(const TestFolder& folder) {
  return Ledger::Open(folder.ledger(), {.reserve_bytes = kReserveBytes}).value();
}

// The segment as a crash would leave it after one record, and where its records end.
struct Crashed {
  std::string content;
  std::size_t end = 0;
};
Crashed AfterACrash(const TestFolder& folder) {
  Crashed crashed;
  {
    const auto ledger = OpenReserving(folder);
    EXPECT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
    crashed.content = ContentOf(folder.segment("1"));
  }
  crashed.end = ContentOf(folder.segment("1")).size();
  PutContent(folder.segment("1"), crashed.content);
  return crashed;
}

TEST(ReservedRoom, LiesAheadWhileTheLedgerIsOpenAndIsGivenBackAtItsEnd) {
  const TestFolder folder;
  const Crashed crashed = AfterACrash(folder);
  EXPECT_EQ(crashed.content.size(), crashed.end + kReserveBytes);
  EXPECT_TRUE(std::all_of(crashed.content.begin() + static_cast<std::ptrdiff_t>(crashed.end),
                          crashed.content.end(), [](char byte) { return byte == 0; }));
}

TEST(ReservedRoom, TakesRecordsWithoutGrowing) {
  const TestFolder folder;
  const auto ledger = OpenReserving(folder);
  ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
  const FullDisk full(ContentOf(folder.segment("1")).size());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
}

TEST(ReservedRoom, IsNoFindingWhileTheLedgerIsOpen) {
  const TestFolder folder;
  const auto ledger = OpenReserving(folder);
  ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
  const VerifyReport report = Verify(folder.ledger()).value();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.torn_bytes, 0U);
  EXPECT_LT(report.bytes, kReserveBytes);
}

TEST(ReservedRoom, IsCutAfterACrashAndNotCalledTorn) {
  const TestFolder folder;
  const Crashed crashed = AfterACrash(folder);
  const auto ledger = OpenReserving(folder);
  EXPECT_EQ(ledger->recovery().records, 1U);
  EXPECT_EQ(ledger->recovery().torn_bytes, 0U);
  EXPECT_EQ(ContentOf(folder.segment("1")).size(), crashed.end);
}

TEST(ReservedRoom, WithAGroupThatReachedTheDiskInPartIsTorn) {
  const TestFolder folder;
  Crashed crashed = AfterACrash(folder);
  crashed.content.replace(crashed.end + 512, 100, 100, 'x');  // and not what comes before it
  PutContent(folder.segment("1"), crashed.content);
  const auto ledger = OpenReserving(folder);
  EXPECT_EQ(ledger->recovery().records, 1U);
  EXPECT_EQ(ledger->recovery().torn_bytes, kReserveBytes);
  EXPECT_EQ(ContentOf(folder.segment("1")).size(), crashed.end);
}

TEST(ReservedRoom, IsGivenBackBeforeTheNextSegment) {
  const TestFolder folder;
  const std::size_t room = kSegmentHeaderBytes + 500;
  const auto ledger = Ledger::Open(folder.ledger(), {.segment_bytes_max = room}).value();
  while (!std::filesystem::exists(folder.segment("2"))) {
    ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
    ASSERT_LE(ContentOf(folder.segment("1")).size(), room);
  }
  EXPECT_LT(ContentOf(folder.segment("1")).size(), room);
  EXPECT_TRUE(Verify(folder.ledger()).value().sound());
}

TEST(ReservedRoom, ThatAnEarlierSegmentKeptIsAFinding) {
  const TestFolder folder;
  const Crashed crashed = AfterACrash(folder);
  {
    const auto ledger = OpenReserving(folder);
  }
  PutContent(folder.segment("1"), crashed.content);
  EXPECT_FALSE(Verify(folder.ledger()).value().sound());
}

}  // namespace
}  // namespace bulkhead::meter
