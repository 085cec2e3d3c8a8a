// SPDX-License-Identifier: Apache-2.0
#include "device/journal_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::device {
namespace {

using base::Code;
using Kind = JournalEntry::Kind;

JournalState Example() {
  JournalState state{"boot-1", 9, {}};
  state.owned[3] = {"GPU-a", 19, 0, InstanceStage::kIntended, {}, {}};
  state.owned[4] = {"GPU-a", 14, 2, InstanceStage::kMade, 4, {}};
  state.owned[5] = {"GPU-b", 0, 0, InstanceStage::kWhole, 0, 0};
  state.owned[6] = {"GPU-b", 5, 0, InstanceStage::kLeaving, 2, 1};
  state.owned[7] = {"GPU-b", 9, 4, InstanceStage::kLeaving, {}, {}};
  return state;
}

TEST(JournalText, ReadsWhatItWrites) {
  const auto state = ParseJournal(FormatJournal(Example()));
  ASSERT_TRUE(state.ok()) << state.error().detail;
  EXPECT_EQ(state.value(), Example());
}

TEST(JournalText, ForgetsWhatIsGone) {
  const std::string text = FormatJournal(Example()) + FormatJournalEntry({Kind::kGone, 6, {}});
  EXPECT_FALSE(ParseJournal(text).value().owned.contains(6));
}

TEST(JournalText, LeavesAwayALineThatWasTornWhileItWasWritten) {
  const std::string text = FormatJournal(Example());
  const std::string line = FormatJournalEntry({Kind::kWhole, 4, {}, 0});
  for (std::size_t bytes = 0; bytes < line.size(); ++bytes) {
    const auto state = ParseJournal(text + line.substr(0, bytes));
    ASSERT_TRUE(state.ok()) << bytes;
    EXPECT_EQ(state.value(), Example()) << bytes;
  }
  // Its length on the disk, its bytes not.
  EXPECT_EQ(ParseJournal(text + std::string(line.size() - 1, '\0') + "\n").value(), Example());
  EXPECT_EQ(ParseJournal(text + line).value().owned.at(4).stage, InstanceStage::kWhole);
}

TEST(JournalText, RefusesEveryOtherDamage) {
  const std::string text = FormatJournal(Example());
  EXPECT_EQ(ParseJournal("").error().code, Code::kCorrupt);
  EXPECT_EQ(ParseJournal(text.substr(0, 20)).error().code, Code::kCorrupt);
  EXPECT_EQ(ParseJournal(text + std::string(kJournalLineBytesMax + 1, 'x')).error().code,
            Code::kCorrupt);
  for (std::size_t i = 0; i < text.rfind('\n', text.size() - 2); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(ParseJournal(damaged).ok()) << i;
  }
}

TEST(JournalText, RefusesChangesThatCannotFollow) {
  for (const JournalEntry& entry :
       {JournalEntry{Kind::kBegin, 1, "boot-1"}, JournalEntry{Kind::kIntend, 3, "GPU-a", 19, 0},
        JournalEntry{Kind::kMade, 4, {}, 1}, JournalEntry{Kind::kWhole, 3, {}, 1},
        JournalEntry{Kind::kLeave, 8}, JournalEntry{Kind::kGone, 8}}) {
    JournalState state = Example();
    EXPECT_EQ(ApplyJournalEntry(entry, state).error().code, Code::kCorrupt);
    EXPECT_EQ(state, Example());
  }
}

TEST(JournalText, WritesNothingThatItCouldNotRead) {
  EXPECT_TRUE(CanBeJournaled({Kind::kIntend, 1, "GPU-0123", 19, 0}));
  EXPECT_FALSE(CanBeJournaled({Kind::kIntend, 1, "GPU 0123", 19, 0}));
  EXPECT_FALSE(CanBeJournaled({Kind::kIntend, 1, "GPU\n", 19, 0}));
  EXPECT_FALSE(CanBeJournaled({Kind::kIntend, 1, "", 19, 0}));
  EXPECT_FALSE(CanBeJournaled({Kind::kIntend, 1, std::string(97, 'a'), 19, 0}));
  EXPECT_FALSE(CanBeJournaled({Kind::kMade, 1, {}, -1}));
  EXPECT_FALSE(CanBeJournaled({Kind::kMade, 1, {}, kJournalNumberMax + 1}));
}

}  // namespace
}  // namespace bulkhead::device
