// SPDX-License-Identifier: Apache-2.0
// The files of a log's folder (docs/formats/audit_log.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::audit {

constexpr uint64_t kSegmentRecords = 65'536;
constexpr std::string_view kRecordsFolder = "records";
constexpr std::string_view kTileFolder = "tile";
constexpr std::string_view kCheckpointFile = "checkpoint";
constexpr std::string_view kVerifierKeyFile = "verifier-key";
constexpr std::string_view kLockFile = "lock";

// records/0000000003.jsonl: the records from 3 * kSegmentRecords on.
[[nodiscard]] std::string SegmentPath(uint64_t segment);
// The number of a name below records/; nullopt: it is no segment's.
[[nodiscard]] std::optional<uint64_t> SegmentNumber(std::string_view name);

struct TileName {
  std::size_t level = 0;
  uint64_t index = 0;
  std::size_t width = 0;  // 1 to 256; less than 256: partial
  friend bool operator==(const TileName&, const TileName&) = default;
};

// tile/0/x001/234, tile/1/000.p/7 (C2SP tlog-tiles, section Merkle Tree).
[[nodiscard]] std::string TilePath(const TileName& tile);
// Exactly what TilePath writes.
[[nodiscard]] std::optional<TileName> ParseTilePath(std::string_view path);

}  // namespace bulkhead::audit
