// SPDX-License-Identifier: Apache-2.0
#include "audit/tiles.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/stat.h>

#include "base/disk.h"
#include "base/read_file.h"
#include "base/write_file.h"

namespace bulkhead::audit {
namespace {

// Each that is missing, and its name durable.
base::Status MakeFolders(const std::filesystem::path& log, const std::filesystem::path& below) {
  std::filesystem::path folder = log;
  for (const auto& part : below) {
    const std::filesystem::path parent = folder;
    folder /= part;
    if (::mkdir(folder.c_str(), 0700) == 0) {
      BH_TRY(base::SyncFolder(parent));
    } else if (errno != EEXIST) {
      return base::DiskError(errno, "make a folder of tiles");
    }
  }
  return base::Ok();
}

// Of the tree of `size` leaves, the hashes of this tile: as many as the size says.
base::Result<std::vector<Hash>> ReadTileOf(const std::filesystem::path& log, uint64_t size,
                                           std::size_t level, uint64_t index) {
  const uint64_t hashes = size >> (8 * level);
  const uint64_t after = hashes - std::min(hashes, index * kTileWidth);
  const std::size_t width = static_cast<std::size_t>(std::min<uint64_t>(after, kTileWidth));
  if (width == 0) return std::vector<Hash>{};
  const TileName name{.level = level, .index = index, .width = width};
  auto tile = ReadTile(log, name);
  if (tile.ok() || tile.error().code != base::Code::kNotFound || width == kTileWidth) return tile;
  // Partial tiles go when the full one is there.
  BH_ASSIGN(auto full, ReadTile(log, {.level = level, .index = index, .width = kTileWidth}));
  full.resize(width);
  return full;
}

}  // namespace

base::Status WriteTile(const std::filesystem::path& log, const TileName& name,
                       std::span<const Hash> hashes) {
  const std::filesystem::path path = TilePath(name);
  BH_TRY(MakeFolders(log, path.parent_path()));
  return base::WriteFile(log / path, std::as_bytes(hashes), base::Durable::kNow);
}

base::Result<std::vector<Hash>> ReadTile(const std::filesystem::path& log, const TileName& name) {
  const std::string path = TilePath(name);
  auto bytes = base::ReadFile(log / path, kTileBytes);
  if (!bytes.ok()) return base::WithContext(std::move(bytes).error(), path);
  if (bytes.value().size() != name.width * sizeof(Hash)) {
    return base::OperatorError(base::Code::kCorrupt, path + ": its length is not its name's");
  }
  std::vector<Hash> hashes(name.width);
  std::memcpy(hashes.data(), bytes.value().data(), bytes.value().size());
  return hashes;
}

base::Result<Tree> ReadTree(const std::filesystem::path& log, uint64_t size) {
  std::array<std::vector<Hash>, kTileLevels> edge;
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    const uint64_t hashes = size >> (8 * level);
    if (hashes % kTileWidth == 0) continue;
    BH_ASSIGN(edge[level], ReadTileOf(log, size, level, hashes / kTileWidth));
  }
  return Tree(size, std::move(edge));
}

ReadSubtree SubtreesOf(const std::filesystem::path& log, uint64_t size) {
  return [log, size](unsigned height, uint64_t index) -> base::Result<Hash> {
    const std::size_t level = height / 8;
    const uint64_t width = uint64_t{1} << height % 8;  // of the tile's hashes
    const uint64_t first = index * width;
    BH_ASSIGN(const auto tile, ReadTileOf(log, size, level, first / kTileWidth));
    const auto at = static_cast<std::size_t>(first % kTileWidth);
    BH_CHECK(at + width <= tile.size());
    return PerfectRoot(std::span(tile).subspan(at, static_cast<std::size_t>(width)));
  };
}

}  // namespace bulkhead::audit
