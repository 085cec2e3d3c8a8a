// SPDX-License-Identifier: Apache-2.0
// The text of the instance journal (docs/formats/instance_journal.md). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::device {

// How far an instance of ours has come; each is written down before what follows it is done.
enum class InstanceStage : uint8_t {
  kIntended,  // about to be made: it may be there
  kMade,      // the GPU instance is there: a compute instance may be
  kWhole,     // complete
  kLeaving,   // about to be destroyed: any part of it may be gone
};

struct OwnedInstance {
  std::string gpu;  // UUID
  int profile_id = 0;
  int start = 0;
  InstanceStage stage = InstanceStage::kIntended;
  std::optional<int> gpu_instance;      // known from kMade on
  std::optional<int> compute_instance;  // known from kWhole on
  friend bool operator==(const OwnedInstance&, const OwnedInstance&) = default;
};

// What a journal says in the end. Keys are generations: no two instances ever have the same.
struct JournalState {
  std::string boot_id;
  uint64_t last_generation = 0;
  std::map<uint64_t, OwnedInstance> owned;
  friend bool operator==(const JournalState&, const JournalState&) = default;
};

constexpr std::size_t kJournalLineBytesMax = 512;
constexpr std::size_t kJournalGpuBytesMax = 96;
constexpr int kJournalNumberMax = 1'000'000;

// One change.
struct JournalEntry {
  enum class Kind : uint8_t { kBegin, kIntend, kMade, kWhole, kLeave, kGone };
  Kind kind = Kind::kBegin;
  uint64_t generation = 0;  // of kBegin: the last one given out
  std::string text;         // boot id, or GPU
  int first = 0;            // profile id, or the instance's number
  int second = 0;           // start
};
// As a line.
std::string FormatJournalEntry(const JournalEntry& entry);

// Whether that line can be read again: numbers are 0 to kJournalNumberMax, texts of [A-Za-z0-9-]
// and not too long.
bool CanBeJournaled(const JournalEntry& entry);

// Makes the change. kCorrupt: it cannot follow what is there.
base::Status ApplyJournalEntry(const JournalEntry& entry, JournalState& state);

// Reads a whole journal. An end that was torn while one line was written is left away: that line
// was never acted on. kCorrupt: anything else that we did not write; nobody knows then what is
// ours.
base::Result<JournalState> ParseJournal(std::string_view text);

// A journal that says just that.
std::string FormatJournal(const JournalState& state);

}  // namespace bulkhead::device
