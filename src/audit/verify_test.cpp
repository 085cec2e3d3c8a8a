// SPDX-License-Identifier: Apache-2.0
#include "audit/verify.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "audit/record.h"
#include "audit/seen.h"
#include "audit/test_log.h"
#include "audit/tiles.h"
#include "base/hex.h"

namespace bulkhead::audit {
namespace {

bool Sound(const TestFolder& folder, std::vector<KnownHead> known = {}) {
  const auto report = Verify(folder.log(), TestSigner().key, std::move(known));
  return report.ok() && report.value().sound();
}

std::vector<std::string> SplitLines(const std::string& content) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = content.find('\n', begin) + 1;
    lines.push_back(content.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string content;
  for (const std::string& line : lines) content += line;
  return content;
}

// A log of so many records, its last ones log-stop.
void MakeLog(const TestFolder& folder, std::size_t records) {
  const auto log = OpenTestLog(folder);
  AppendMany(*log, records - 2);
}

// Every record from `from` on linked again to the one before it, the tree and the tiles made anew,
// and signed: what an operator with today's key can do.
void Rewrite(const TestFolder& folder, std::vector<std::string> lines, const Signer& signer) {
  Tree tree;
  const auto write = [&](std::size_t level, uint64_t index, std::span<const Hash> hashes) {
    return WriteTile(folder.log(), {level, index, kTileWidth}, hashes);
  };
  std::filesystem::remove_all(folder.log() / "tile");
  Hash previous{};
  for (std::string& line : lines) {
    constexpr std::string_view kMember = "\"previous\":\"";
    line.replace(line.find(kMember) + kMember.size(), 64, base::Hex(previous));
    previous = LeafHash(std::as_bytes(std::span(line).first(line.size() - 1)));
    ASSERT_TRUE(tree.Append(previous, write).ok());
  }
  PutContent(folder.log() / SegmentPath(0), Joined(lines));
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    if (tree.edge(level).empty()) continue;
    const uint64_t index = tree.size() >> (8 * level) >> 8;
    const auto edge = tree.edge(level);
    ASSERT_TRUE(WriteTile(folder.log(), {level, index, edge.size()}, edge).ok());
  }
  PutContent(folder.log() / "checkpoint", SignCheckpoint(tree.size(), tree.Root(), signer).value());
}

KnownHead HeadAt(const TestFolder& folder) {
  const auto report = Verify(folder.log(), TestSigner().key).value();
  return {.size = report.signed_records, .root = report.signed_root, .source = "before"};
}

TEST(Verify, FindsNothingInALogAsItWasWritten) {
  const TestFolder folder;
  MakeLog(folder, 3000);
  const auto report = Verify(folder.log(), TestSigner().key).value();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.records, 3000U);
  EXPECT_EQ(report.signed_records, 3000U);
  EXPECT_EQ(report.torn_bytes, 0U);
}

TEST(Verify, FindsEveryChangedByteOfASmallLog) {
  const TestFolder folder;
  MakeLog(folder, 4);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.log())) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() || name == "lock" || name == "verifier-key") continue;
    const std::string content = ContentOf(entry.path());
    for (std::size_t at = 0; at < content.size(); ++at) {
      std::string changed = content;
      changed[at] ^= 1;
      PutContent(entry.path(), changed);
      EXPECT_FALSE(Sound(folder)) << entry.path() << " at " << at;
      PutContent(entry.path(), content.substr(0, at));
      EXPECT_FALSE(Sound(folder)) << entry.path() << " cut at " << at;
    }
    PutContent(entry.path(), content);
  }
  EXPECT_TRUE(Sound(folder));
}

TEST(Verify, FindsAChangeInAnyRecordOrTileOfThousands) {
  const TestFolder folder;
  MakeLog(folder, 2000);
  std::mt19937 chance(11);
  const auto path = folder.log() / SegmentPath(0);
  const std::string content = ContentOf(path);
  const auto lines = SplitLines(content);
  std::size_t begin = 0;
  for (const std::string& line : lines) {
    std::string changed = content;
    const std::size_t at = begin + chance() % line.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 << chance() % 7));
    if (begin % 4 == 0) {  // every fourth or so: the time that the test takes
      PutContent(path, changed);
      EXPECT_FALSE(Sound(folder)) << "byte " << at;
    }
    begin += line.size();
  }
  PutContent(path, content);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.log() / "tile")) {
    if (entry.is_directory()) continue;
    const std::string tile = ContentOf(entry.path());
    for (std::size_t at = chance() % 32; at < tile.size(); at += 512) {
      std::string changed = tile;
      changed[at] ^= 4;
      PutContent(entry.path(), changed);
      EXPECT_FALSE(Sound(folder)) << entry.path() << " at " << at;
    }
    PutContent(entry.path(), tile);
  }
  EXPECT_TRUE(Sound(folder));
}

TEST(Verify, FindsDroppedAddedSwappedAndRepeatedRecords) {
  const TestFolder folder;
  MakeLog(folder, 600);
  std::mt19937 chance(5);
  const auto path = folder.log() / SegmentPath(0);
  const auto lines = SplitLines(ContentOf(path));
  const auto differs = [&](const std::vector<std::string>& changed, std::size_t at) {
    PutContent(path, Joined(changed));
    EXPECT_FALSE(Sound(folder)) << at;
  };
  for (std::size_t at = 0; at < lines.size(); at += 1 + chance() % 10) {
    auto changed = lines;
    const auto place = static_cast<std::ptrdiff_t>(at);
    changed.erase(changed.begin() + place);
    differs(changed, at);
    changed = lines;
    changed.insert(changed.begin() + place, lines[chance() % lines.size()]);
    differs(changed, at);
    changed = lines;
    std::swap(changed[at], changed[(at + 1) % lines.size()]);
    differs(changed, at);
    changed = lines;
    changed.resize(at);
    differs(changed, at);
  }
}

TEST(Verify, NamesTheRecordThatWasDropped) {
  const TestFolder folder;
  MakeLog(folder, 100);
  const auto path = folder.log() / SegmentPath(0);
  auto lines = SplitLines(ContentOf(path));
  lines.erase(lines.begin() + 42);
  PutContent(path, Joined(lines));
  const auto report = Verify(folder.log(), TestSigner().key).value();
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].record, 42U);
}

TEST(Verify, FindsAnotherLogsCheckpointAndFilesThatAreNone) {
  const TestFolder folder;
  MakeLog(folder, 300);
  const Kept kept(folder);
  for (const char* stray : {"tile/0/notes", "tile/0/000.p/300", "records/1.jsonl",
                            "records/0000000009.jsonl", "more"}) {
    std::filesystem::create_directories((folder.log() / stray).parent_path());
    PutContent(folder.log() / stray, "x");
    EXPECT_FALSE(Sound(folder)) << stray;
    kept.Restore();
  }
  std::filesystem::remove(folder.log() / "checkpoint");
  EXPECT_FALSE(Sound(folder));
  EXPECT_EQ(Verify(folder.path() / "nothing", TestSigner().key).error().code,
            base::Code::kNotFound);
}

// CVE-2023-31439: journald's verification took old entries that were sealed with a later key. Here
// who has today's key rewrites yesterday: whole, signed, and refused by whoever saw yesterday.
TEST(Verify, RefusesAPastThatWasRewrittenAndSignedAnew) {
  const TestFolder folder;
  MakeLog(folder, 300);
  const KnownHead yesterday = HeadAt(folder);
  {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 100);
  }
  EXPECT_TRUE(Sound(folder, {yesterday}));
  auto lines = SplitLines(ContentOf(folder.log() / SegmentPath(0)));
  const std::size_t name = lines[17].find("\"ada\"");
  lines[17].replace(name, 5, "\"bob\"");
  Rewrite(folder, lines, TestSigner());
  EXPECT_TRUE(Sound(folder));  // nobody who sees it first can tell
  EXPECT_FALSE(Sound(folder, {yesterday}));
  // Nor does another key of the same name help.
  Rewrite(folder, lines, TestSigner(std::byte{9}));
  EXPECT_FALSE(Sound(folder));
}

// ... and an entry of an earlier time that comes in later shows by itself.
TEST(Verify, FindsARecordThatIsOlderThanTheOneBefore) {
  const TestFolder folder;
  MakeLog(folder, 30);
  auto lines = SplitLines(ContentOf(folder.log() / SegmentPath(0)));
  const std::size_t year = lines[20].find("\"stageTimestamp\":\"2027");
  lines[20].replace(year + 18, 4, "2026");
  Rewrite(folder, lines, TestSigner());
  const auto report = Verify(folder.log(), TestSigner().key).value();
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].record, 20U);
}

// GHSA-672p-m5jq-mrh8: immudb's clients did not look at the middle of the linear proof between two
// states. Here the ends, the links and the tiles are as they were; each record between differs.
TEST(Verify, LooksAtEveryRecordBetweenTwoHeads) {
  const TestFolder folder;
  MakeLog(folder, 20);
  const KnownHead before = HeadAt(folder);
  {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 60);
  }
  const auto path = folder.log() / SegmentPath(0);
  const auto lines = SplitLines(ContentOf(path));
  for (std::size_t at = before.size; at < lines.size(); ++at) {
    auto changed = lines;
    constexpr std::string_view kStage = "ResponseComplete";
    changed[at].replace(changed[at].find(kStage), kStage.size(), "RequestReceived");
    ASSERT_TRUE(ReadRecord(std::string_view(changed[at]).substr(0, changed[at].size() - 1)).ok());
    PutContent(path, Joined(changed));
    EXPECT_FALSE(Sound(folder, {before})) << at;
  }
}

TEST(Verify, RefusesALogThatIsOlderThanWhatWasSeen) {
  const TestFolder folder;
  MakeLog(folder, 50);
  const Kept kept(folder);
  {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 10);
  }
  const KnownHead now = HeadAt(folder);
  kept.Restore();
  EXPECT_TRUE(Sound(folder));
  EXPECT_FALSE(Sound(folder, {now}));
}

TEST(Verify, CountsATornTailAsNoFinding) {
  const TestFolder folder;
  MakeLog(folder, 5);
  const auto path = folder.log() / SegmentPath(0);
  PutContent(path, ContentOf(path) + "{\"sequence\":5,");
  const auto report = Verify(folder.log(), TestSigner().key).value();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.torn_bytes, 14U);
}

TEST(Seen, IsReadBackAndNeverTakenForNothing) {
  const TestFolder folder;
  const auto path = folder.path() / "seen";
  EXPECT_FALSE(ReadSeen(path).value().has_value());
  const Seen seen{.key = TestSigner().key, .size = 77, .root = HashOfNumber(1)};
  ASSERT_TRUE(WriteSeen(path, seen).ok());
  const auto read = ReadSeen(path).value();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->key, seen.key);
  EXPECT_EQ(read->size, 77U);
  EXPECT_EQ(read->root, seen.root);
  const std::string content = ContentOf(path);
  for (std::size_t at = 0; at < content.size(); ++at) {
    PutContent(path, content.substr(0, at));
    EXPECT_EQ(ReadSeen(path).error().code, base::Code::kCorrupt) << at;
  }
}

}  // namespace
}  // namespace bulkhead::audit
