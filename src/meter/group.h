// SPDX-License-Identifier: Apache-2.0
// The records of one fdatasync, as they lie in a segment (docs/formats/ledger.md, section Group).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "meter/record_codec.h"

namespace bulkhead::meter {

inline constexpr std::size_t kGroupHeaderBytes = 32;
inline constexpr std::size_t kGroupBodyBytesMax = std::size_t{64} << 20;
inline constexpr uint32_t kGroupRecordsMax = 65'536;

struct GroupHeader {
  uint32_t body_bytes = 0;
  uint64_t first_sequence = 1;
  uint32_t records = 0;
  uint32_t previous_checksum = 0;  // of the group before it, or of the segment's header
  uint32_t body_checksum = 0;
  uint32_t checksum = 0;  // of this header, within its segment
};

// Fills the header's bytes at the front of `group`; the rest is the body, which is no larger than
// its limits. Returns the header's checksum. `segment` is the checksum of the segment's header.
uint32_t SealGroup(std::span<std::byte> group, uint32_t segment, uint64_t first_sequence,
                   uint32_t records, uint32_t previous_checksum);

// nullopt: `bytes` do not begin with a whole group header of this segment.
std::optional<GroupHeader> ReadGroupHeader(std::span<const std::byte> bytes, uint32_t segment);

// Where in `bytes`, after their first one, a group header of this segment begins.
std::optional<std::size_t> FindGroupHeader(std::span<const std::byte> bytes, uint32_t segment);

// kCorrupt: a body whose checksum is right, yet not `records` records and no more: our own fault.
base::Status ForEachEntry(std::span<const std::byte> body, uint32_t records,
                          const std::function<base::Status(Entry)>& each);

}  // namespace bulkhead::meter
