// SPDX-License-Identifier: Apache-2.0
// Reads a segment file group by group, also while it is being written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "meter/group.h"
#include "meter/segment_header.h"

namespace bulkhead::meter {

struct Group {
  uint64_t offset = 0;
  GroupHeader header;
  std::span<const std::byte> body;  // until the next call of its reader
};

// What follows the last good group of a segment.
enum class Tail {
  kNone,
  kReserved,  // zeros: room for more
  kTorn,      // bytes that cannot have been acknowledged, if the segment is the last
  kDamaged,   // a later group follows, which is written only after the one before it is durable
};

class SegmentReader {
 public:
  // Reads the header and takes the length as it is now. kNotFound: no such segment. kCorrupt: its
  // header is damaged, or its number is not that of its name.
  static base::Result<SegmentReader> Open(const std::filesystem::path& folder, uint64_t number);

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }

  // The next good group, in its place in the sequence. nullopt: none begins here; see problem().
  // kUnavailable: the file cannot be read.
  base::Result<std::optional<Group>> Next();

  // After the last group that Next gave.
  [[nodiscard]] uint64_t end() const { return end_; }
  [[nodiscard]] uint64_t next_sequence() const { return next_sequence_; }
  // Records of all earlier segments and of the groups that Next gave.
  [[nodiscard]] uint64_t position() const {
    return header_.position + (next_sequence_ - header_.first_sequence);
  }
  // What a segment that follows here says of this one.
  [[nodiscard]] PreviousSegment AsPrevious() const {
    return {.bytes = end_, .header_checksum = segment_, .last_checksum = last_checksum_};
  }

  // Why Next ended, for people. Empty at the end of the file.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  // Of the bytes after end(), once Next gave nullopt.
  base::Result<Tail> ExamineTail();

 private:
  SegmentReader(base::UniqueFd file, SegmentHeader header, uint32_t segment, uint64_t bytes);
  // Fewer bytes than `count` where the file ends.
  base::Result<std::span<const std::byte>> Peek(uint64_t offset, std::size_t count);
  base::Result<std::optional<Group>> Stop(std::string problem);

  base::UniqueFd file_;
  SegmentHeader header_;
  uint32_t segment_;
  uint64_t bytes_;
  uint64_t end_ = kSegmentHeaderBytes;
  uint64_t next_sequence_;
  uint32_t last_checksum_;
  std::string problem_;
  bool misplaced_ = false;

  std::vector<std::byte> window_;
  uint64_t window_offset_ = 0;
};

}  // namespace bulkhead::meter
