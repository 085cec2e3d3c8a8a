// SPDX-License-Identifier: Apache-2.0
#include "meter/read_entries.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "meter/ledger_folder.h"
#include "meter/segment_reader.h"

namespace bulkhead::meter {
namespace {

struct Range {
  uint64_t from = 0;
  uint64_t to = 0;
};

// The index of the last segment that begins at or before `position`.
base::Result<std::size_t> FindSegment(const std::filesystem::path& folder,
                                      const std::vector<uint64_t>& numbers, uint64_t position) {
  std::size_t low = 0;
  std::size_t high = numbers.size();
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    BH_ASSIGN(const SegmentReader reader, SegmentReader::Open(folder, numbers[middle]));
    (reader.header().position <= position ? low : high) = middle;
  }
  return low;
}

// The entries of one group that lie in the range.
base::Status ReadGroup(const SegmentHeader& segment, const Group& group, const Range& range,
                       const std::function<base::Status(PlacedEntry)>& each) {
  uint64_t sequence = group.header.first_sequence;
  return ForEachEntry(group.body, group.header.records, [&](Entry entry) {
    const uint64_t position = segment.position + (sequence - segment.first_sequence);
    const RecordId id{.epoch = segment.epoch, .sequence = sequence++};
    if (position < range.from || position >= range.to) return base::Ok();
    return each({.position = position, .id = id, .entry = std::move(entry)});
  });
}

// Reads on until the segment or the range ends; returns the position that was reached.
base::Result<uint64_t> ReadSegment(SegmentReader& reader, const Range& range,
                                   const std::function<base::Status(PlacedEntry)>& each) {
  while (reader.position() < range.to) {
    BH_ASSIGN(const std::optional<Group> group, reader.Next());
    if (!group) break;
    if (reader.position() <= range.from) continue;
    BH_TRY(ReadGroup(reader.header(), *group, range, each));
  }
  return reader.position();
}

}  // namespace

base::Status ReadEntries(const std::filesystem::path& folder, uint64_t from, uint64_t to,
                         const std::function<base::Status(PlacedEntry)>& each) {
  if (from > to) {
    return base::OperatorError(base::Code::kInvalid, "a range of records that ends first");
  }
  if (from == to) return base::Ok();
  BH_ASSIGN(const std::vector<uint64_t> numbers, ListSegments(folder));
  BH_ASSIGN(std::size_t index, FindSegment(folder, numbers, from));
  uint64_t reached = from;
  for (; index < numbers.size() && reached < to; ++index) {
    BH_ASSIGN(SegmentReader reader, SegmentReader::Open(folder, numbers[index]));
    if (reader.header().position > reached) break;
    BH_ASSIGN(reached, ReadSegment(reader, {.from = from, .to = to}, each));
  }
  if (reached >= to) return base::Ok();
  return base::OperatorError(
      base::Code::kCorrupt,
      "the ledger's record " + std::to_string(reached) + " is not there or damaged");
}

}  // namespace bulkhead::meter
