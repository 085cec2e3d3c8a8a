// SPDX-License-Identifier: Apache-2.0
#include "device/journal_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/crc32c.h"

namespace bulkhead::device {
namespace {

using base::Code;
using Kind = JournalEntry::Kind;

constexpr std::size_t kChecksumDigits = 8;

struct Shape {
  Kind kind;
  std::string_view word;
  bool text;
  int numbers;
};
constexpr std::array<Shape, 6> kShapes{{{Kind::kBegin, "begin", true, 0},
                                        {Kind::kIntend, "intend", true, 2},
                                        {Kind::kMade, "made", false, 1},
                                        {Kind::kWhole, "whole", false, 1},
                                        {Kind::kLeave, "leave", false, 0},
                                        {Kind::kGone, "gone", false, 0}}};

std::string Checksum(std::string_view text) {
  return fmt::format("{:08x}", base::Crc32c(std::as_bytes(std::span(text))));
}

base::Error Corrupt(std::string detail) {
  return base::OperatorError(Code::kCorrupt, std::move(detail));
}

bool IsWord(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= kJournalGpuBytesMax && std::ranges::all_of(text, fits);
}

template <typename T>
bool TakeNumber(std::string_view text, T max, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number <= max &&
         !text.starts_with('-') && (text.size() == 1 || !text.starts_with('0'));
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t end = line.find(' ');
    words.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return words;
    line.remove_prefix(end + 1);
  }
}

// A line without its end; nullopt when it is not one of ours.
std::optional<JournalEntry> ParseLine(std::string_view line) {
  if (line.size() <= kChecksumDigits || line.size() >= kJournalLineBytesMax ||
      line[kChecksumDigits] != ' ') {
    return std::nullopt;
  }
  const std::string_view body = line.substr(kChecksumDigits + 1);
  if (line.substr(0, kChecksumDigits) != Checksum(body)) return std::nullopt;
  const std::vector<std::string_view> words = Words(body);
  const auto* const shape = std::ranges::find(kShapes, words.front(), &Shape::word);
  if (shape == kShapes.end()) return std::nullopt;
  const std::size_t numbers = 2 + (shape->text ? 1 : 0);
  if (words.size() != numbers + static_cast<std::size_t>(shape->numbers)) return std::nullopt;
  JournalEntry entry;
  entry.kind = shape->kind;
  if (!TakeNumber(words[1], UINT64_MAX - 1, entry.generation)) return std::nullopt;
  if (shape->text) {
    if (!IsWord(words[2])) return std::nullopt;
    entry.text = words[2];
  }
  if (shape->numbers > 0 && !TakeNumber(words[numbers], kJournalNumberMax, entry.first)) {
    return std::nullopt;
  }
  if (shape->numbers > 1 && !TakeNumber(words[numbers + 1], kJournalNumberMax, entry.second)) {
    return std::nullopt;
  }
  return entry;
}

base::Status ApplyBegin(const JournalEntry& entry, JournalState& state) {
  if (!state.boot_id.empty()) return Corrupt("begins twice");
  state.boot_id = entry.text;
  state.last_generation = entry.generation;
  return base::Ok();
}

base::Status ApplyIntend(const JournalEntry& entry, JournalState& state) {
  const bool known = state.owned.contains(entry.generation);
  if (known || entry.generation == 0) return Corrupt("one generation twice");
  state.last_generation = std::max(state.last_generation, entry.generation);
  state.owned[entry.generation] = {entry.text, entry.first, entry.second};
  return base::Ok();
}

}  // namespace

std::string FormatJournalEntry(const JournalEntry& entry) {
  const auto* const shape = std::ranges::find(kShapes, entry.kind, &Shape::kind);
  std::string body = fmt::format("{} {}", shape->word, entry.generation);
  if (shape->text) body += ' ' + entry.text;
  if (shape->numbers > 0) body += fmt::format(" {}", entry.first);
  if (shape->numbers > 1) body += fmt::format(" {}", entry.second);
  return Checksum(body) + ' ' + body + '\n';
}

bool CanBeJournaled(const JournalEntry& entry) {
  const std::string line = FormatJournalEntry(entry);
  return ParseLine(std::string_view(line).substr(0, line.size() - 1)).has_value();
}

base::Status ApplyJournalEntry(const JournalEntry& entry, JournalState& state) {
  if (entry.kind == Kind::kBegin) return ApplyBegin(entry, state);
  if (state.boot_id.empty()) return Corrupt("has no beginning");
  if (entry.kind == Kind::kIntend) return ApplyIntend(entry, state);
  const auto found = state.owned.find(entry.generation);
  if (found == state.owned.end()) return Corrupt("a change of what is not there");
  OwnedInstance& owned = found->second;
  switch (entry.kind) {
    case Kind::kMade:
      if (owned.stage != InstanceStage::kIntended) return Corrupt("made after it was there");
      owned.stage = InstanceStage::kMade;
      owned.gpu_instance = entry.first;
      break;
    case Kind::kWhole:
      if (owned.stage != InstanceStage::kMade) return Corrupt("whole before it was made");
      owned.stage = InstanceStage::kWhole;
      owned.compute_instance = entry.first;
      break;
    case Kind::kLeave:
      owned.stage = InstanceStage::kLeaving;
      break;
    default:
      state.owned.erase(found);
  }
  return base::Ok();
}

base::Result<JournalState> ParseJournal(std::string_view text) {
  JournalState state;
  std::size_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const std::size_t end = text.find('\n');
    const auto entry = ParseLine(text.substr(0, end));
    if (end == std::string_view::npos || !entry) {
      const bool last = end == std::string_view::npos || end + 1 == text.size();
      if (last && line_number > 1 && text.size() <= kJournalLineBytesMax) return state;
      return Corrupt(fmt::format("line {} is damaged", line_number));
    }
    base::Status applied = ApplyJournalEntry(*entry, state);
    if (!applied.ok()) {
      return WithContext(std::move(applied).error(), fmt::format("line {}", line_number));
    }
    text.remove_prefix(end + 1);
  }
  if (state.boot_id.empty()) return Corrupt("is empty");
  return state;
}

std::string FormatJournal(const JournalState& state) {
  std::string text = FormatJournalEntry({Kind::kBegin, state.last_generation, state.boot_id});
  for (const auto& [generation, owned] : state.owned) {
    text +=
        FormatJournalEntry({Kind::kIntend, generation, owned.gpu, owned.profile_id, owned.start});
    if (owned.gpu_instance) {
      text += FormatJournalEntry({Kind::kMade, generation, {}, *owned.gpu_instance});
    }
    if (owned.compute_instance) {
      text += FormatJournalEntry({Kind::kWhole, generation, {}, *owned.compute_instance});
    }
    if (owned.stage == InstanceStage::kLeaving) {
      text += FormatJournalEntry({Kind::kLeave, generation});
    }
  }
  return text;
}

}  // namespace bulkhead::device
