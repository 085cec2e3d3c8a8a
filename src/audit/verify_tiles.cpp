// SPDX-License-Identifier: Apache-2.0
#include "audit/verify_tiles.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "audit/tiles.h"
#include "base/disk.h"

namespace bulkhead::audit {
namespace {

// What a crash leaves of a file that was being written (base/write_file.h).
constexpr std::string_view kTemporary = ".bulkhead-";

using Paths = std::vector<std::filesystem::path>;

// All files below, folders left out. None where the folder is missing.
base::Result<Paths> FilesBelow(const std::filesystem::path& folder) {
  Paths paths;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return paths;
  for (std::filesystem::recursive_directory_iterator entry(folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const bool temporary = entry->path().filename().string().starts_with(kTemporary);
    if (!temporary && !entry->is_directory(error)) paths.push_back(entry->path());
  }
  // Files go while a log is written.
  if (error && error != std::errc::no_such_file_or_directory) {
    return base::DiskError(error.value(), "read the log's folder");
  }
  return paths;
}

}  // namespace

std::optional<std::string> TileCheck::Compare(const TileName& name, std::span<const Hash> hashes) {
  const uint64_t end = name.index * kTileWidth + name.width;
  if (!size_ || end > *size_ >> (8 * name.level)) return std::nullopt;
  if (name.width < kTileWidth) edge_[name.level] = {hashes.begin(), hashes.end()};
  const auto tile = ReadTile(log_, name);
  if (!tile.ok()) return tile.error().detail;
  if (std::ranges::equal(tile.value(), hashes)) return std::nullopt;
  return TilePath(name) + ": its hashes are not those of the records";
}

std::optional<std::string> TileCheck::WrongPartial(const TileName& name) const {
  const auto edge = edge_.find(name.level);
  const uint64_t full = (*size_ >> (8 * name.level)) / kTileWidth;
  const auto partial = ReadTile(log_, name);
  // Dropped meanwhile: its full tile is there.
  if (!partial.ok() && partial.error().code == base::Code::kNotFound) return std::nullopt;
  if (!partial.ok()) return partial.error().detail;
  std::vector<Hash> hashes;
  if (name.index == full && edge != edge_.end()) {
    hashes = edge->second;
  } else if (name.index < full) {
    BH_CHECK(name.width < kTileWidth);
    auto read = ReadTile(log_, {.level = name.level, .index = name.index, .width = kTileWidth});
    if (!read.ok()) return read.error().detail;
    hashes = std::move(read).value();
  }
  if (name.width > hashes.size()) return std::nullopt;  // not covered by the checkpoint
  if (std::ranges::equal(partial.value(), std::span(hashes).first(name.width))) return std::nullopt;
  return TilePath(name) + ": its hashes are not those of the records";
}

base::Result<std::vector<std::string>> TileCheck::FindStrays() const {
  std::vector<std::string> wrong;
  if (!size_) return wrong;
  BH_ASSIGN(const Paths paths, FilesBelow(log_ / kTileFolder));
  for (const std::filesystem::path& path : paths) {
    const std::string relative = path.lexically_relative(log_).string();
    const auto name = ParseTilePath(relative);
    if (!name) {
      wrong.push_back("a file that is no tile: " + relative);
    } else if (name->width < kTileWidth) {
      if (auto partial = WrongPartial(*name)) wrong.push_back(*std::move(partial));
    }
  }
  return wrong;
}

base::Result<std::vector<std::string>> StrayFiles(const std::filesystem::path& log,
                                                  uint64_t records) {
  constexpr std::array kKnown = {kCheckpointFile, kVerifierKeyFile, kLockFile, kRecordsFolder,
                                 kTileFolder};
  std::vector<std::string> strays;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(log, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kTemporary) && std::ranges::find(kKnown, name) == kKnown.end()) {
      strays.push_back("a file that is none of a log: " + name);
    }
  }
  if (error) return base::DiskError(error.value(), "read the log's folder");
  BH_ASSIGN(const Paths paths, FilesBelow(log / kRecordsFolder));
  for (const std::filesystem::path& path : paths) {
    const auto segment = SegmentNumber(path.lexically_relative(log / kRecordsFolder).string());
    // The next one may have been begun.
    if (!segment || *segment > records / kSegmentRecords) {
      strays.push_back("a file that is no segment: " + path.lexically_relative(log).string());
    }
  }
  return strays;
}

}  // namespace bulkhead::audit
