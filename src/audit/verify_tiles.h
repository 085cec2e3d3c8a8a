// SPDX-License-Identifier: Apache-2.0
// Whether the files beside the records are what the records give.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/log_folder.h"
#include "audit/merkle.h"
#include "base/result.h"

namespace bulkhead::audit {

// Tiles of a tree against their files. What the newest checkpoint does not cover is passed over:
// it is written before the checkpoint.
class TileCheck {
 public:
  explicit TileCheck(std::filesystem::path log) : log_(std::move(log)) {}

  // The size that is signed. Nothing is expected before.
  void Expect(uint64_t size) { size_ = size; }
  [[nodiscard]] bool expected() const { return size_.has_value(); }

  // What is wrong with the tile's file.
  std::optional<std::string> Compare(const TileName& name, std::span<const Hash> hashes);
  // After all tiles were compared: files that are no tiles, and partial ones of earlier sizes that
  // are no beginning of theirs.
  base::Result<std::vector<std::string>> FindStrays() const;

 private:
  std::optional<std::string> WrongPartial(const TileName& name) const;

  std::filesystem::path log_;
  std::optional<uint64_t> size_;
  std::map<std::size_t, std::vector<Hash>> edge_;  // by level
};

// Files in the log's folder and below records/ that are none of a log of so many records.
base::Result<std::vector<std::string>> StrayFiles(const std::filesystem::path& log,
                                                  uint64_t records);

}  // namespace bulkhead::audit
