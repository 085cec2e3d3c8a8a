// SPDX-License-Identifier: Apache-2.0
// A program that appends to an audit log is killed at random, and what it never synced is lost. The
// log must open, verify, and hold what was acknowledged.
#include <cstdint>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "audit/line_reader.h"
#include "audit/log.h"
#include "audit/record.h"
#include "audit/test_log.h"
#include "audit/verify.h"
#include "unsynced/struck_writer.h"

namespace {

namespace audit = bulkhead::audit;

// By sequence, the mark.
using Marks = std::map<uint64_t, std::string>;

audit::Signer WriterSigner() {
  const std::vector<std::byte> seed(32, std::byte{0x42});
  return audit::MakeSigner("unsynced.example/audit", seed).value();
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
  std::mt19937_64 chance_;
  audit::TestFolder folder_;
  audit::TestFolder book_;
  Marks acknowledged_;
  uint64_t run_ = 0;
};

void UnderFire::Strike(bool deaf) {
  std::filesystem::create_directories(folder_.log());
  const uint64_t at = std::uniform_int_distribution<uint64_t>(1, 60)(chance_);
  for (const std::string& line :
       unsynced::Strike(folder_.path(), book_.path() / "book",
                        {BULKHEAD_AUDIT_WRITER, folder_.log().string(), std::to_string(++run_)},
                        {.at = at, .deaf = deaf}, chance_)) {
    uint64_t run = 0;
    uint64_t sequence = 0;
    std::string mark;
    std::istringstream(line) >> run >> sequence >> mark;
    EXPECT_TRUE(acknowledged_.emplace(sequence, mark).second) << "acknowledged twice";
  }
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
  return "";
}

TEST(LostAuditWrites, LeaveALogThatVerifiesAndHoldsWhatItAcknowledged) {
  unsynced::ExpectToSurvive<UnderFire>(20);
}

TEST(LostAuditWrites, ShowALogThatDoesNotSync) { unsynced::ExpectToFailUnsynced<UnderFire>(); }

}  // namespace
