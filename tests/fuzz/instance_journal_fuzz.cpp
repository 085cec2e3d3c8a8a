// SPDX-License-Identifier: Apache-2.0
// A damaged journal of GPU instances: hostile bytes as they are, and as lines with right checksums.
// What is read is written and read the same, and a torn end of that loses its last change alone.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "device/journal_text.h"

namespace {

using bulkhead::device::FormatJournal;
using bulkhead::device::JournalEntry;
using bulkhead::device::JournalState;
using bulkhead::device::ParseJournal;

void Read(std::string_view text) {
  const auto state = ParseJournal(text);
  if (!state.ok()) {
    BH_CHECK(state.error().code == bulkhead::base::Code::kCorrupt);
    return;
  }
  const std::string written = FormatJournal(state.value());
  BH_CHECK(ParseJournal(written).value() == state.value());
  const std::size_t first = written.find('\n') + 1;
  if (first < written.size()) {
    BH_CHECK(ParseJournal(written.substr(0, written.size() - 1)).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  Read(std::string_view(reinterpret_cast<const char*>(data), size));
  std::string text = FormatJournal(JournalState{"boot", 3, {}});
  for (std::size_t i = 0; i + 4 <= size; i += 4) {
    const JournalEntry entry{static_cast<JournalEntry::Kind>(data[i] % 6), data[i + 1], "GPU-a",
                             data[i + 2], data[i + 3]};
    text += bulkhead::device::FormatJournalEntry(entry);
  }
  Read(text);
  return 0;
}
