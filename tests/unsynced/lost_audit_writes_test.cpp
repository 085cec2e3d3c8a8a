// SPDX-License-Identifier: Apache-2.0
// A program that appends to an audit log is killed at random, and what it never synced is lost. The
// log must open, verify, and hold what was acknowledged. BULKHEAD_SEED and BULKHEAD_KILLS choose
// another run.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/line_reader.h"
#include "audit/log.h"
#include "audit/record.h"
#include "audit/test_log.h"
#include "audit/verify.h"
#include "base/unique_fd.h"
#include "unsynced/forget_unsynced.h"

namespace {

namespace audit = bulkhead::audit;
using bulkhead::base::UniqueFd;

// By sequence, the mark.
using Marks = std::map<uint64_t, std::string>;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

audit::Signer WriterSigner() {
  const std::vector<std::byte> seed(32, std::byte{0x42});
  return audit::MakeSigner("unsynced.example/audit", seed).value();
}

[[noreturn]] void RunWriter(std::vector<std::string> environment,
                            std::vector<std::string> arguments, int output) {
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  ::dup2(output, 1);
  ::execve(BULKHEAD_AUDIT_WRITER, pointers(arguments).data(), pointers(environment).data());
  ::_exit(6);
}

// One folder, its book, and what was acknowledged in it so far.
class UnderFire {
 public:
  explicit UnderFire(uint64_t seed) : chance_(seed) {}

  // Runs the writer, kills it within a sync and forgets what was not synced.
  void Strike(bool deaf);
  // What is wrong with what is left; empty: nothing. Opens the log, as its next owner does.
  std::string Judge();
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }

 private:
  void ReadLines(int from);

  std::mt19937_64 chance_;
  audit::TestFolder folder_;
  audit::TestFolder book_;
  Marks acknowledged_;
  uint64_t run_ = 0;
};

void UnderFire::ReadLines(int from) {
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(from, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  std::istringstream lines(text.substr(0, text.rfind('\n') + 1));
  uint64_t run = 0;
  uint64_t sequence = 0;
  for (std::string mark; lines >> run >> sequence >> mark;) {
    EXPECT_TRUE(acknowledged_.emplace(sequence, mark).second) << "acknowledged twice";
  }
}

void UnderFire::Strike(bool deaf) {
  std::filesystem::create_directories(folder_.log());
  const auto book = book_.path() / "book";
  if (run_ == 0) unsynced::BeginBook(folder_.path(), book);
  ++run_;
  const uint64_t at = std::uniform_int_distribution<uint64_t>(1, 60)(chance_);
  std::vector<std::string> environment = {
      "LD_PRELOAD=" BULKHEAD_UNSYNCED_SHIM, "BULKHEAD_UNSYNCED_FOLDER=" + folder_.path().string(),
      "BULKHEAD_UNSYNCED_BOOK=" + book.string(), "BULKHEAD_UNSYNCED_KILL=" + std::to_string(at),
      // The shim comes before the sanitizer's library.
      "ASAN_OPTIONS=verify_asan_link_order=0"};
  if (deaf) environment.emplace_back("BULKHEAD_UNSYNCED_DEAF=1");
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  const pid_t writer = ::fork();
  if (writer == 0) {
    RunWriter(environment, {"audit-writer", folder_.log().string(), std::to_string(run_)},
              to.get());
  }
  to = UniqueFd();
  ReadLines(from.get());
  int status = 0;
  ASSERT_EQ(::waitpid(writer, &status, 0), writer);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  unsynced::ForgetUnsynced(folder_.path(), book, chance_);
}

std::string UnderFire::Judge() {
  {
    const auto log = audit::Log::Open(
        folder_.log(), {.signer = WriterSigner(), .unix_now_ms = [] { return int64_t{0}; }});
    if (!log.ok()) return "does not open: " + log.error().detail;
  }
  const auto report = audit::Verify(folder_.log(), WriterSigner().key);
  if (!report.ok()) return report.error().detail;
  if (!report.value().sound()) return report.value().findings[0].what;
  Marks found;
  audit::LineReader lines(folder_.log(), 0);
  for (auto line = lines.Next().value(); line; line = lines.Next().value()) {
    const auto record = audit::ReadRecord(line->text).value();
    found[record.place.sequence] = std::string(record.audit_id);
  }
  for (const auto& [sequence, mark] : acknowledged_) {
    if (found[sequence] != mark) return "acknowledged and lost: " + std::to_string(sequence);
  }
  // What its next owner wrote is durable as it is.
  unsynced::BeginBook(folder_.path(), book_.path() / "book");
  return "";
}

TEST(LostAuditWrites, LeaveALogThatVerifiesAndHoldsWhatItAcknowledged) {
  const uint64_t seed = FromEnvironment("BULKHEAD_SEED", std::random_device{}());
  const uint64_t kills = FromEnvironment("BULKHEAD_KILLS", 40);
  std::cout << "BULKHEAD_SEED=" << seed << " BULKHEAD_KILLS=" << kills << std::endl;
  // Folders of a few dozen kills: opening and reading stay short.
  constexpr uint64_t kKillsEach = 20;
  std::size_t acknowledged = 0;
  for (uint64_t kill = 0; kill < kills;) {
    UnderFire fire(seed + kill);
    for (uint64_t at = 0; at < kKillsEach && kill < kills; ++at, ++kill) {
      ASSERT_NO_FATAL_FAILURE(fire.Strike(false));
      ASSERT_EQ(fire.Judge(), "") << "after kill " << kill;
    }
    acknowledged += fire.acknowledged();
  }
  EXPECT_GT(acknowledged, 0U);
}

TEST(LostAuditWrites, ShowALogThatDoesNotSync) {
  std::string wrong;
  for (uint64_t seed = 1; wrong.empty() && seed < 20; ++seed) {
    UnderFire fire(seed);
    fire.Strike(true);
    wrong = fire.Judge();
  }
  EXPECT_NE(wrong, "");
}

}  // namespace
