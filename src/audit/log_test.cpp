// SPDX-License-Identifier: Apache-2.0
#include "audit/log.h"

#include <csignal>
#include <random>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/checkpoint.h"
#include "audit/record.h"
#include "audit/test_log.h"
#include "audit/tiles.h"

namespace bulkhead::audit {
namespace {

std::vector<std::string> LinesOf(const TestFolder& folder) {
  std::vector<std::string> lines;
  std::ifstream file(folder.log() / SegmentPath(0));
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

audit::Checkpoint HeadOf(const TestFolder& folder) {
  return OpenCheckpoint(ContentOf(folder.log() / "checkpoint"), TestSigner().key).value();
}

TEST(Log, KeepsWhatWasAppendedInAChain) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    EXPECT_EQ(log->AppendAndWait(ExampleEvent()).value(), 1U);
    EXPECT_EQ(log->AppendAndWait(ExampleEvent()).value(), 2U);
  }
  const auto lines = LinesOf(folder);
  ASSERT_EQ(lines.size(), 4U);
  Hash previous{};
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const auto record = ReadRecord(lines[at]);
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(record.value().place.sequence, at);
    EXPECT_EQ(record.value().place.previous, previous);
    previous = LeafHash(std::as_bytes(std::span(lines[at])));
  }
  EXPECT_EQ(ReadRecord(lines[0]).value().kind, EventKind::kLogStart);
  EXPECT_EQ(ReadRecord(lines[3]).value().kind, EventKind::kLogStop);
  EXPECT_EQ(HeadOf(folder).size, 4U);
  EXPECT_EQ(ReadTree(folder.log(), 4).value().Root(), HeadOf(folder).root);
}

TEST(Log, SignsOnTheTimerEvenWhenIdle) {
  const TestFolder folder;
  const auto log = OpenTestLog(folder);
  EXPECT_EQ(log->signed_size(), 1U);
  for (uint64_t tick = 1; tick < 4; ++tick) {
    EXPECT_EQ(CheckpointAndWait(*log).value(), tick);
    EXPECT_EQ(HeadOf(folder).size, tick + 1);
  }
  EXPECT_EQ(ReadRecord(LinesOf(folder)[3]).value().kind, EventKind::kLogCheckpoint);
}

TEST(Log, GivesEachCheckpointToTheSecondPlace) {
  const TestFolder folder;
  std::filesystem::create_directory(folder.path() / "second");
  const auto log = OpenTestLog(folder, {}, CheckpointFolder(folder.path() / "second"));
  ASSERT_TRUE(CheckpointAndWait(*log).ok());
  const auto kept = folder.path() / "second/checkpoint-00000000000000000002";
  EXPECT_EQ(ContentOf(kept), ContentOf(folder.log() / "checkpoint"));
  // A place that has another history says so, and the log goes on.
  PutContent(folder.path() / "second/checkpoint-00000000000000000003", "another");
  const auto refused = CheckpointAndWait(*log);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::kConflict);
  EXPECT_EQ(HeadOf(folder).size, 3U);
  EXPECT_TRUE(CheckpointAndWait(*log).ok());
}

TEST(Log, NeverWritesATimeBeforeTheOneBefore) {
  const TestFolder folder;
  int64_t now = 5000;
  const auto log = OpenTestLog(folder, [&now] { return now; });
  now = 4000;
  ASSERT_TRUE(log->AppendAndWait(ExampleEvent()).ok());
  EXPECT_EQ(ReadRecord(LinesOf(folder)[1]).value().place.time_unix_ms, 5000);
}

TEST(Log, IsOneProcessAtATime) {
  const TestFolder folder;
  const auto log = OpenTestLog(folder);
  const auto second =
      Log::Open(folder.log(), {.signer = TestSigner(), .unix_now_ms = [] { return 0; }});
  EXPECT_EQ(second.error().code, base::Code::kConflict);
}

TEST(Log, RefusesAnotherSigner) {
  const TestFolder folder;
  OpenTestLog(folder);
  const auto other = Log::Open(
      folder.log(), {.signer = TestSigner(std::byte{1}), .unix_now_ms = [] { return 0; }});
  EXPECT_EQ(other.error().code, base::Code::kDenied);
}

TEST(Log, RefusesRecordsWithoutACheckpoint) {
  const TestFolder folder;
  OpenTestLog(folder);
  std::filesystem::remove(folder.log() / "checkpoint");
  EXPECT_EQ(Reopened(folder).error().code, base::Code::kCorrupt);
}

TEST(Log, RefusesSignedRecordsThatWereChanged) {
  const TestFolder folder;
  OpenTestLog(folder);
  const auto path = folder.log() / SegmentPath(0);
  const std::string content = ContentOf(path);
  for (std::size_t at = 0; at < content.size(); ++at) {
    std::string changed = content;
    changed[at] ^= 1;
    PutContent(path, changed);
    EXPECT_EQ(Reopened(folder).error().code, base::Code::kCorrupt) << at;
    PutContent(path, content.substr(0, at));
    EXPECT_EQ(Reopened(folder).error().code, base::Code::kCorrupt) << at;
  }
  PutContent(path, content);
  EXPECT_TRUE(Reopened(folder).ok());
}

TEST(Log, CutsATornTailAndSaysSo) {
  const TestFolder folder;
  OpenTestLog(folder);
  const auto path = folder.log() / SegmentPath(0);
  const std::string content = ContentOf(path);
  std::vector<std::byte> next;
  EncodeRecord({.sequence = 3, .group = 2, .previous = HashOfNumber(0)}, EncodeEvent({}), next);
  const std::string wrong(reinterpret_cast<const char*>(next.data()), next.size());
  const Kept kept(folder);
  for (const std::string& torn : {std::string("{\"seq"), std::string(3000, '\0'), wrong + "\n",
                                  std::string(200'000, 'x'), "\n" + wrong}) {
    PutContent(path, content + torn);
    auto log = Reopened(folder);
    ASSERT_TRUE(log.ok()) << log.error().detail;
    EXPECT_EQ(log.value()->recovery().cut_bytes, torn.size());
    EXPECT_EQ(log.value()->recovery().records, 2U);
    const auto lines = LinesOf(folder);
    ASSERT_EQ(lines.size(), 3U);
    const auto start = ReadRecord(lines[2]);
    ASSERT_TRUE(start.ok());
    EXPECT_EQ(start.value().annotations[static_cast<std::size_t>(Annotation::kCutBytes)],
              std::to_string(torn.size()));
    log = base::Error{};  // closed
    kept.Restore();
  }
}

// A record that was acknowledged, since a later group stands behind it.
TEST(Log, RefusesADamagedRecordBeforeTheLastGroup) {
  const TestFolder folder;
  std::string unsigned_records;
  {
    const auto log = OpenTestLog(folder);
    const std::string head = ContentOf(folder.log() / "checkpoint");
    ASSERT_TRUE(log->AppendAndWait(ExampleEvent()).ok());
    ASSERT_TRUE(log->AppendAndWait(ExampleEvent()).ok());
    unsigned_records = ContentOf(folder.log() / SegmentPath(0));
    PutContent(folder.path() / "head", head);
  }
  PutContent(folder.log() / "checkpoint", ContentOf(folder.path() / "head"));
  const std::size_t second = unsigned_records.find('\n') + 1;
  std::string changed = unsigned_records;
  changed[second + 200] ^= 1;
  PutContent(folder.log() / SegmentPath(0), changed);
  EXPECT_EQ(Reopened(folder).error().code, base::Code::kCorrupt);
  changed = unsigned_records;
  changed[changed.size() - 2] ^= 1;
  PutContent(folder.log() / SegmentPath(0), changed);
  EXPECT_EQ(Reopened(folder).value()->recovery().records, 2U);
}

TEST(Log, MakesLostTilesAnewFromTheRecords) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    for (int at = 0; at < 600; ++at) log->Append(ExampleEvent(), [](const auto&) {});
  }
  std::filesystem::remove_all(folder.log() / "tile");
  EXPECT_TRUE(Reopened(folder).value()->recovery().rebuilt_tiles);
  EXPECT_EQ(HeadOf(folder).size, 604U);
  EXPECT_EQ(ReadTree(folder.log(), 604).value().Root(), HeadOf(folder).root);
  EXPECT_FALSE(Reopened(folder).value()->recovery().rebuilt_tiles);
}

TEST(Log, GoesOnOverSegments) {
  const TestFolder folder;
  for (int opening = 0; opening < 2; ++opening) {
    const auto log = OpenTestLog(folder);
    AppendMany(*log, 40'000);
  }
  const auto head = HeadOf(folder);
  EXPECT_EQ(head.size, 80'004U);
  EXPECT_TRUE(std::filesystem::exists(folder.log() / SegmentPath(1)));
  EXPECT_EQ(Reopened(folder).value()->recovery().records, 80'004U);
}

// No file of this process grows beyond a size: writes end as on a full disk.
TEST(Log, RefusesRecordsOnAFullDiskAndGoesOnLater) {
  const TestFolder folder;
  {
    const auto log = OpenTestLog(folder);
    const std::string before = ContentOf(folder.log() / SegmentPath(0));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    ::getrlimit(RLIMIT_FSIZE, &usual);
    for (const rlim_t room : {0U, 1U, 300U}) {
      const rlimit full{.rlim_cur = before.size() + room, .rlim_max = usual.rlim_max};
      ::setrlimit(RLIMIT_FSIZE, &full);
      const auto refused = log->AppendAndWait(ExampleEvent());
      ::setrlimit(RLIMIT_FSIZE, &usual);
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.error().code, base::Code::kExhausted);
      EXPECT_EQ(ContentOf(folder.log() / SegmentPath(0)), before);
    }
    EXPECT_EQ(log->AppendAndWait(ExampleEvent()).value(), 1U);
  }
  EXPECT_EQ(Reopened(folder).value()->recovery().records, 3U);
}

// What kill -9 leaves: the test of lost writes is tests/unsynced.
TEST(Log, OpensAfterAKillAtAnyPoint) {
  const TestFolder folder;
  std::mt19937 chance(7);
  uint64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto log = OpenTestLog(folder);
      for (int at = 0;; ++at) {
        const auto tell = [&ends](const base::Result<uint64_t>& result) {
          const uint64_t sequence = result.ok() ? result.value() : 0;
          if (::write(ends[1], &sequence, sizeof sequence) < 0) ::_exit(1);
        };
        at % 50 == 49 ? log->Checkpoint(tell) : log->Append(ExampleEvent(), tell);
      }
    }
    ::close(ends[1]);
    uint64_t sequence = 0;
    for (uint64_t until = chance() % 300; until > 0; --until) {
      ASSERT_EQ(::read(ends[0], &sequence, sizeof sequence), static_cast<ssize_t>(sizeof sequence));
      if (sequence > 0) acknowledged = sequence;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    const auto log = Reopened(folder);
    ASSERT_TRUE(log.ok()) << log.error().detail;
    EXPECT_GT(log.value()->recovery().records, acknowledged);
    EXPECT_EQ(ReadTree(folder.log(), log.value()->signed_size()).value().Root(),
              HeadOf(folder).root);
  }
}

}  // namespace
}  // namespace bulkhead::audit
