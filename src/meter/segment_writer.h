// SPDX-License-Identifier: Apache-2.0
// Writes a new segment file, durable group by group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "meter/segment_header.h"

namespace bulkhead::meter {

// How far the file runs ahead of its groups, as zeros. Writing over them changes nothing but data,
// so that an fdatasync need not wait for the file system's journal.
struct ReservedRoom {
  uint64_t step_bytes = 0;         // at a time; 0: none
  uint64_t segment_bytes_max = 0;  // no further than this
};

// After a failure other than kExhausted nobody knows what is on the disk: write no more.
class SegmentWriter {
 public:
  // The segment is there, whole and durable, or it is not there at all. kExhausted: no room;
  // nothing is left behind.
  static base::Result<SegmentWriter> Create(const std::filesystem::path& folder,
                                            const SegmentHeader& header, const ReservedRoom& room);

  // Puts a group at the end and makes it durable; its first kGroupHeaderBytes are filled in here.
  // kExhausted: no room, and the segment is as it was before but for room that was reserved.
  base::Status Append(std::span<std::byte> group, uint32_t records);
  // Gives back what was reserved, durably: before a segment that follows, and at the end.
  base::Status Finish();

  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] uint64_t next_sequence() const { return next_sequence_; }
  // Of the segment to write after this one, in the same epoch; its mark is this one's.
  [[nodiscard]] SegmentHeader NextHeader() const;

 private:
  SegmentWriter(base::UniqueFd file, SegmentHeader header, uint32_t segment, ReservedRoom room);
  // kUnavailable: no way found, for good.
  base::Status CutBack();
  void Reserve();

  base::UniqueFd file_;
  SegmentHeader header_;
  uint32_t segment_;
  ReservedRoom room_;
  uint64_t bytes_ = kSegmentHeaderBytes;
  uint64_t reserved_ = kSegmentHeaderBytes;  // the file is at least so long
  uint64_t next_sequence_;
  uint32_t last_checksum_;
};

}  // namespace bulkhead::meter
