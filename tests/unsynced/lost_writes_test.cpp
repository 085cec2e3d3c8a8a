// SPDX-License-Identifier: Apache-2.0
// A program that appends to a ledger is killed at random, and what it never synced is lost. What it
// acknowledged must be there afterwards. BULKHEAD_SEED and BULKHEAD_KILLS choose another run.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "meter/ledger.h"
#include "meter/read_entries.h"
#include "meter/test_ledger.h"
#include "meter/verify.h"
#include "unsynced/forget_unsynced.h"
#include "unsynced/ledger_writer.h"

namespace {

using bulkhead::base::UniqueFd;
using bulkhead::meter::FrameRecord;
using bulkhead::meter::Ledger;
using bulkhead::meter::PlacedEntry;
using bulkhead::meter::RecordId;

using Marks = std::map<RecordId, uint64_t>;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// One folder, its book, and what was acknowledged in it so far.
class UnderFire {
 public:
  explicit UnderFire(uint64_t seed) : chance_(seed) {}

  // Runs the writer, kills it at a random point and forgets what was not synced.
  void Strike(bool deaf);
  // What is wrong with what is left; empty: nothing. Opens the ledger, as its next owner does.
  std::string Judge();
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }

 private:
  void ReadLines(int from, uint64_t until);
  std::string Compare(const Marks& found);

  std::mt19937_64 chance_;
  bulkhead::meter::TestFolder folder_;
  bulkhead::meter::TestFolder book_;
  Marks acknowledged_;
  std::size_t earlier_ = 0;  // records at the last Judge
  std::size_t earlier_acknowledged_ = 0;
  uint64_t run_ = 0;
  std::string line_;  // that is being read
};

[[noreturn]] void RunWriter(const std::vector<std::string>& environment,
                            const std::vector<std::string>& arguments, int output) {
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
  };
  ::dup2(output, 1);
  ::execve(BULKHEAD_LEDGER_WRITER, pointers(arguments).data(), pointers(environment).data());
  ::_exit(6);
}

void UnderFire::ReadLines(int from, uint64_t until) {
  char buffer[4096];
  uint64_t lines = 0;
  while (lines < until) {
    const ssize_t count = ::read(from, buffer, sizeof(buffer));
    if (count <= 0) break;
    for (const char c : std::string_view(buffer, static_cast<std::size_t>(count))) {
      line_ += c;
      if (c != '\n') continue;
      RecordId id;
      uint64_t mark = 0;
      std::istringstream(std::exchange(line_, "")) >> id.epoch >> id.sequence >> mark;
      EXPECT_TRUE(acknowledged_.emplace(id, mark).second) << "acknowledged twice";
      ++lines;
    }
  }
}

void UnderFire::Strike(bool deaf) {
  ++run_;
  line_.clear();
  std::vector<std::string> environment = {
      "LD_PRELOAD=" BULKHEAD_UNSYNCED_SHIM, "ASAN_OPTIONS=verify_asan_link_order=0",
      "BULKHEAD_UNSYNCED_FOLDER=" + folder_.path().string(),
      "BULKHEAD_UNSYNCED_BOOK=" + (book_.path() / "book").string()};
  // Half of the kills strike inside of a sync, the first ones of which are those of Open; the
  // others after so many acknowledgements.
  const bool inside = std::bernoulli_distribution(0.5)(chance_);
  const uint64_t at = std::uniform_int_distribution<uint64_t>(1, inside ? 40 : 500)(chance_);
  if (inside) environment.push_back("BULKHEAD_UNSYNCED_KILL=" + std::to_string(at));
  if (deaf) environment.emplace_back("BULKHEAD_UNSYNCED_DEAF=1");
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  const std::vector<std::string> arguments = {BULKHEAD_LEDGER_WRITER, folder_.ledger().string(),
                                              std::to_string(run_)};
  unsynced::BeginBook(folder_.path(), book_.path() / "book");
  const pid_t writer = ::fork();
  if (writer == 0) RunWriter(environment, arguments, to.get());
  to = UniqueFd();
  if (!inside) {
    ReadLines(from.get(), at);
    ::kill(writer, SIGKILL);
  }
  // What it acknowledged before it died.
  ReadLines(from.get(), UINT64_MAX);
  int status = 0;
  ASSERT_EQ(::waitpid(writer, &status, 0), writer);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  unsynced::ForgetUnsynced(folder_.path(), book_.path() / "book", chance_);
}

std::string UnderFire::Compare(const Marks& found) {
  for (const auto& [id, mark] : acknowledged_) {
    const auto at = found.find(id);
    if (at == found.end()) return ReceiptText("acknowledged and lost:", id);
    if (at->second != mark) return ReceiptText("another record has the id", id);
  }
  const std::size_t unknown =
      found.size() - earlier_ - (acknowledged_.size() - earlier_acknowledged_);
  if (unknown > unsynced::kWriterInFlight) return "more records than were in flight";
  earlier_ = found.size();
  earlier_acknowledged_ = acknowledged_.size();
  return "";
}

std::string UnderFire::Judge() {
  const auto ledger = Ledger::Open(folder_.ledger());
  if (!ledger.ok()) return "does not open: " + ledger.error().detail;
  const auto report = bulkhead::meter::Verify(folder_.ledger());
  if (!report.ok()) return report.error().detail;
  if (!report.value().sound()) return report.value().findings[0].what;
  Marks found;
  const auto read = bulkhead::meter::ReadEntries(
      folder_.ledger(), 0, ledger.value()->position(), [&found](const PlacedEntry& placed) {
        found[placed.id] = std::get<FrameRecord>(placed.entry).bytes_in;
        return bulkhead::base::Ok();
      });
  if (!read.ok()) return read.error().detail;
  if (found.size() != ledger.value()->position()) return "an id twice";
  return Compare(found);
}

TEST(LostWrites, LeaveWhatALedgerAcknowledged) {
  const uint64_t seed = FromEnvironment("BULKHEAD_SEED", std::random_device{}());
  const uint64_t kills = FromEnvironment("BULKHEAD_KILLS", 40);
  std::cout << "BULKHEAD_SEED=" << seed << " BULKHEAD_KILLS=" << kills << std::endl;
  // Folders of a few dozen kills: opening and reading stay short.
  constexpr uint64_t kKillsEach = 25;
  std::size_t acknowledged = 0;
  for (uint64_t kill = 0; kill < kills;) {
    UnderFire fire(seed + kill);
    for (uint64_t i = 0; i < kKillsEach && kill < kills; ++i, ++kill) {
      ASSERT_NO_FATAL_FAILURE(fire.Strike(false));
      ASSERT_EQ(fire.Judge(), "") << "after kill " << kill;
    }
    acknowledged += fire.acknowledged();
  }
  EXPECT_GT(acknowledged, 0U);
}

TEST(LostWrites, ShowALedgerThatDoesNotSync) {
  std::string wrong;
  for (uint64_t seed = 1; wrong.empty() && seed < 20; ++seed) {
    UnderFire fire(seed);
    fire.Strike(true);
    wrong = fire.Judge();
  }
  EXPECT_NE(wrong, "");
}

}  // namespace
