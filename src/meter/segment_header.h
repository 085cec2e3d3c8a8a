// SPDX-License-Identifier: Apache-2.0
// The first bytes of a segment file (docs/formats/ledger.md, section Segment).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "meter/export_mark.h"

namespace bulkhead::meter {

inline constexpr std::size_t kSegmentHeaderBytes = 128;
inline constexpr std::size_t kLedgerIdBytes = 16;

using SegmentHeaderBytes = std::array<std::byte, kSegmentHeaderBytes>;

// What a segment knows of the one before it; all 0 in the first.
struct PreviousSegment {
  uint64_t bytes = 0;
  uint32_t header_checksum = 0;
  uint32_t last_checksum = 0;  // of its last group, or of its header where it has none
  friend bool operator==(const PreviousSegment&, const PreviousSegment&) = default;
};

struct SegmentHeader {
  std::string ledger_id;  // 16 of [0-9a-f]
  uint64_t number = 1;
  uint64_t epoch = 1;
  uint64_t first_sequence = 1;
  uint64_t position = 0;  // records of all earlier segments
  PreviousSegment previous;
  std::optional<ExportMark> mark;  // the last one of all earlier segments
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

SegmentHeaderBytes EncodeSegmentHeader(const SegmentHeader& header);

// The last four of the header's bytes.
uint32_t ChecksumOf(const SegmentHeaderBytes& bytes);

// kCorrupt: not what EncodeSegmentHeader writes. kUnsupported: a version that this release does not
// know.
base::Result<SegmentHeader> DecodeSegmentHeader(std::span<const std::byte> bytes);

// What is wrong when `header` follows a segment of `previous` and `previous_bytes` (nullopt:
// nothing). Without a previous one: when it is the first.
std::optional<std::string> WrongLink(const SegmentHeader* previous, uint64_t previous_bytes,
                                     const SegmentHeader& header);

}  // namespace bulkhead::meter
