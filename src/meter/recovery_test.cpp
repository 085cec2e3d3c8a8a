// SPDX-License-Identifier: Apache-2.0
#include "meter/recovery.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "meter/group.h"
#include "meter/segment_reader.h"
#include "meter/test_ledger.h"
#include "meter/verify.h"

namespace bulkhead::meter {
namespace {

// One segment with as many groups of one record.
void WriteLedger(const TestFolder& folder, int groups) {
  const auto ledger = Ledger::Open(folder.ledger()).value();
  for (int i = 0; i < groups; ++i) ASSERT_TRUE(AppendAndWait(*ledger, ExampleRecord()).ok());
}

// Where groups begin, and the end.
std::vector<uint64_t> Borders(const TestFolder& folder) {
  auto reader = SegmentReader::Open(folder.ledger(), 1).value();
  std::vector<uint64_t> borders{reader.end()};
  while (reader.Next().value()) borders.push_back(reader.end());
  return borders;
}

TEST(Recovery, CutsATornTailOfEveryLength) {
  const TestFolder written;
  WriteLedger(written, 3);
  const std::string content = ContentOf(written.segment("1"));
  const std::vector<uint64_t> borders = Borders(written);
  ASSERT_EQ(borders.size(), 4U);
  ASSERT_EQ(borders.back(), content.size());
  for (std::size_t bytes = kSegmentHeaderBytes; bytes <= content.size(); ++bytes) {
    const TestFolder folder;
    std::filesystem::create_directory(folder.ledger());
    PutContent(folder.segment("1"), content.substr(0, bytes));
    const std::size_t whole = static_cast<std::size_t>(
        std::upper_bound(borders.begin(), borders.end(), bytes) - borders.begin() - 1);
    {
      const auto ledger = Ledger::Open(folder.ledger()).value();
      EXPECT_EQ(ledger->recovery().records, whole);
      EXPECT_EQ(ledger->recovery().torn_bytes, bytes - borders[whole]);
      EXPECT_EQ(AppendAndWait(*ledger, ExampleRecord()).value(), (RecordId{2, 1}));
    }
    const VerifyReport report = Verify(folder.ledger()).value();
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.records, whole + 1);
  }
}

TEST(Recovery, CutsALastGroupWithAHole) {
  const TestFolder folder;
  WriteLedger(folder, 3);
  std::string content = ContentOf(folder.segment("1"));
  const std::vector<uint64_t> borders = Borders(folder);
  // A page that did not reach the disk, while the next one did.
  content.replace(borders[2], 60, 60, '\0');
  PutContent(folder.segment("1"), content);
  EXPECT_EQ(Ledger::Open(folder.ledger()).value()->recovery().records, 2U);
}

TEST(Recovery, RefusesDamageBeforeTheTailAndChangesNothing) {
  const TestFolder folder;
  WriteLedger(folder, 3);
  const std::string content = ContentOf(folder.segment("1"));
  const std::vector<uint64_t> borders = Borders(folder);
  for (std::size_t at = 0; at < borders[2]; ++at) {
    std::string changed = content;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    PutContent(folder.segment("1"), changed);
    const auto opened = Ledger::Open(folder.ledger());
    ASSERT_FALSE(opened.ok()) << at;
    EXPECT_EQ(opened.error().code, base::Code::kCorrupt);
    EXPECT_EQ(ContentOf(folder.segment("1")), changed);
    EXPECT_FALSE(std::filesystem::exists(folder.segment("2")));
  }
}

TEST(Recovery, RefusesGroupsThatWereLeftOutOrSwapped) {
  const TestFolder folder;
  WriteLedger(folder, 3);
  const std::string content = ContentOf(folder.segment("1"));
  const std::vector<uint64_t> borders = Borders(folder);
  const auto group = [&](std::size_t index) {
    return content.substr(borders[index], borders[index + 1] - borders[index]);
  };
  const std::string header = content.substr(0, borders[0]);
  for (const std::string& changed : {header + group(1) + group(2), header + group(0) + group(2),
                                     header + group(0) + group(2) + group(1),
                                     header + group(0) + group(0) + group(1) + group(2)}) {
    PutContent(folder.segment("1"), changed);
    const auto opened = Ledger::Open(folder.ledger());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, base::Code::kCorrupt);
  }
}

TEST(Recovery, RefusesASegmentThatIsMissingCutOrMisplaced) {
  const TestFolder folder;
  for (int i = 0; i < 4; ++i) WriteLedger(folder, 1);
  const std::string second = ContentOf(folder.segment("2"));
  const std::string third = ContentOf(folder.segment("3"));
  ASSERT_EQ(second.size(), third.size());
  const auto code = [&folder] { return Ledger::Open(folder.ledger()).error().code; };

  std::filesystem::remove(folder.segment("2"));
  EXPECT_EQ(code(), base::Code::kCorrupt);
  PutContent(folder.segment("2"), second.substr(0, second.size() - 1));
  EXPECT_EQ(code(), base::Code::kCorrupt);
  PutContent(folder.segment("2"), third);
  PutContent(folder.segment("3"), second);
  EXPECT_EQ(code(), base::Code::kCorrupt);
  PutContent(folder.segment("2"), second);
  PutContent(folder.segment("3"), third);
  EXPECT_EQ(Ledger::Open(folder.ledger()).value()->recovery().records, 4U);
}

TEST(Recovery, PassesOverWhatACrashLeftOfASegment) {
  const TestFolder folder;
  WriteLedger(folder, 1);
  PutContent(folder.ledger() / "unfinished", std::string(1'000, 'x'));
  WriteLedger(folder, 1);
  EXPECT_EQ(ContentOf(folder.segment("2")).size(), ContentOf(folder.segment("1")).size());
  EXPECT_TRUE(Verify(folder.ledger()).value().sound());
}

}  // namespace
}  // namespace bulkhead::meter
