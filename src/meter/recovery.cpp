// SPDX-License-Identifier: Apache-2.0
#include "meter/recovery.h"

#include <cerrno>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>

#include "base/disk.h"
#include "base/unique_fd.h"
#include "meter/group.h"
#include "meter/ledger_folder.h"
#include "meter/segment_reader.h"

namespace bulkhead::meter {
namespace {

base::Error Damaged(uint64_t number, std::string_view what) {
  return base::OperatorError(base::Code::kCorrupt, SegmentName(number) + ": " + std::string(what));
}

// A reader of the last segment, once the headers of all follow each other.
base::Result<SegmentReader> OpenLast(const std::filesystem::path& folder,
                                     const std::vector<uint64_t>& numbers) {
  std::optional<SegmentHeader> previous;
  uint64_t previous_bytes = 0;
  for (const uint64_t number : numbers) {
    BH_ASSIGN(SegmentReader reader, SegmentReader::Open(folder, number));
    const auto wrong = WrongLink(previous ? &*previous : nullptr, previous_bytes, reader.header());
    if (wrong) return Damaged(number, *wrong);
    if (number == numbers.back()) return reader;
    previous = reader.header();
    previous_bytes = reader.bytes();
  }
  return Damaged(0, "no segment");
}

base::Status Cut(const std::filesystem::path& file, uint64_t bytes) {
  const base::UniqueFd opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!opened.valid()) return base::DiskError(errno, "open a segment");
  if (::ftruncate(opened.get(), static_cast<off_t>(bytes)) != 0) {
    return base::DiskError(errno, "cut a segment's torn tail");
  }
  if (::fsync(opened.get()) != 0) return base::DiskError(errno, "sync a segment");
  return base::Ok();
}

// Reads to the end of the last segment; returns the last mark of all.
base::Result<std::optional<ExportMark>> ReadToEnd(SegmentReader& reader) {
  std::optional<ExportMark> mark = reader.header().mark;
  for (;;) {
    BH_ASSIGN(const std::optional<Group> group, reader.Next());
    if (!group) return mark;
    BH_TRY(ForEachEntry(group->body, group->header.records, [&mark](const Entry& entry) {
      if (const auto* found = std::get_if<ExportMark>(&entry)) mark = *found;
      return base::Ok();
    }));
  }
}

}  // namespace

base::Result<std::optional<RecoveredLedger>> Recover(const std::filesystem::path& folder) {
  BH_ASSIGN(const std::vector<uint64_t> numbers, ListSegments(folder));
  if (numbers.empty()) return std::optional<RecoveredLedger>();
  BH_ASSIGN(SegmentReader reader, OpenLast(folder, numbers));
  auto mark = ReadToEnd(reader);
  if (!mark.ok()) return base::WithContext(std::move(mark).error(), SegmentName(numbers.back()));
  BH_ASSIGN(const Tail tail, reader.ExamineTail());
  if (tail == Tail::kDamaged) {
    return Damaged(numbers.back(),
                   "at byte " + std::to_string(reader.end()) + ": " + reader.problem());
  }
  const uint64_t torn_bytes = tail == Tail::kTorn ? reader.bytes() - reader.end() : 0;
  if (tail != Tail::kNone) BH_TRY(Cut(folder / SegmentName(numbers.back()), reader.end()));
  return std::optional(RecoveredLedger{.next = {.ledger_id = reader.header().ledger_id,
                                                .number = reader.header().number + 1,
                                                .epoch = reader.header().epoch + 1,
                                                .first_sequence = 1,
                                                .position = reader.position(),
                                                .previous = reader.AsPrevious(),
                                                .mark = std::move(mark).value()},
                                       .torn_bytes = torn_bytes});
}

}  // namespace bulkhead::meter
