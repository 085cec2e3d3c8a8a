// SPDX-License-Identifier: Apache-2.0
// A program that appends to a ledger is killed at random, and what it never synced is lost. What it
// acknowledged must be there afterwards.
#include <cstdint>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "meter/ledger.h"
#include "meter/read_entries.h"
#include "meter/test_ledger.h"
#include "meter/verify.h"
#include "unsynced/ledger_writer.h"
#include "unsynced/struck_writer.h"

namespace {

using bulkhead::meter::FrameRecord;
using bulkhead::meter::Ledger;
using bulkhead::meter::PlacedEntry;
using bulkhead::meter::RecordId;

using Marks = std::map<RecordId, uint64_t>;

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
  std::string Compare(const Marks& found);

  std::mt19937_64 chance_;
  bulkhead::meter::TestFolder folder_;
  bulkhead::meter::TestFolder book_;
  Marks acknowledged_;
  std::size_t earlier_ = 0;  // records at the last Judge
  std::size_t earlier_acknowledged_ = 0;
  uint64_t run_ = 0;
};

void UnderFire::Strike(bool deaf) {
  // Half of the kills strike inside of a sync, the first ones of which are those of Open; the
  // others after so many acknowledgements.
  const bool in_sync = std::bernoulli_distribution(0.5)(chance_);
  const uint64_t at = std::uniform_int_distribution<uint64_t>(1, in_sync ? 40 : 500)(chance_);
  for (const std::string& line :
       unsynced::Strike(folder_.path(), book_.path() / "book",
                        {BULKHEAD_LEDGER_WRITER, folder_.ledger().string(), std::to_string(++run_)},
                        {.in_sync = in_sync, .at = at, .deaf = deaf}, chance_)) {
    RecordId id;
    uint64_t mark = 0;
    std::istringstream(line) >> id.epoch >> id.sequence >> mark;
    EXPECT_TRUE(acknowledged_.emplace(id, mark).second) << "acknowledged twice";
  }
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

TEST(LostWrites, LeaveWhatALedgerAcknowledged) { unsynced::ExpectToSurvive<UnderFire>(25); }

TEST(LostWrites, ShowALedgerThatDoesNotSync) { unsynced::ExpectToFailUnsynced<UnderFire>(); }

}  // namespace
