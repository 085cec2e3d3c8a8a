// SPDX-License-Identifier: Apache-2.0
#include "audit/log_folder.h"

#include <algorithm>
#include <charconv>

#include "audit/merkle.h"

namespace bulkhead::audit {
namespace {

constexpr std::string_view kSegmentEnd = ".jsonl";
constexpr std::string_view kPartial = ".p/";

std::string Padded(uint64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

// Digits alone, read from the front and taken away.
std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::string SegmentPath(uint64_t segment) {
  return std::string(kRecordsFolder) + "/" + Padded(segment, 10) + std::string(kSegmentEnd);
}

std::optional<uint64_t> SegmentNumber(std::string_view name) {
  std::string_view digits = name;
  const auto number = TakeNumber(digits);
  const std::string path = std::string(kRecordsFolder) + "/" + std::string(name);
  // Only the one way of writing it, so that no two names stand for one segment.
  return number && SegmentPath(*number) == path ? number : std::nullopt;
}

std::string TilePath(const TileName& tile) {
  std::string index = Padded(tile.index % 1000, 3);
  for (uint64_t rest = tile.index / 1000; rest > 0; rest /= 1000) {
    index = "x" + Padded(rest % 1000, 3) + "/" + index;
  }
  std::string path =
      std::string(kTileFolder) + "/" + std::to_string(tile.level) + "/" + std::move(index);
  if (tile.width < kTileWidth) path += std::string(kPartial) + std::to_string(tile.width);
  return path;
}

std::optional<TileName> ParseTilePath(std::string_view path) {
  TileName tile{.width = kTileWidth};
  std::string_view rest = path;
  if (!rest.starts_with(kTileFolder)) return std::nullopt;
  rest.remove_prefix(std::min(rest.size(), kTileFolder.size() + 1));
  const auto level = TakeNumber(rest);
  if (!level || *level >= kTileLevels) return std::nullopt;
  tile.level = *level;
  while (rest.starts_with('/')) {
    rest.remove_prefix(rest.starts_with("/x") ? 2 : 1);
    const auto part = TakeNumber(rest);
    if (!part || *part > 999 || tile.index > UINT64_MAX / 1000 - 1) return std::nullopt;
    tile.index = tile.index * 1000 + *part;
  }
  if (rest.starts_with(kPartial)) {
    rest.remove_prefix(kPartial.size());
    const auto width = TakeNumber(rest);
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    tile.width = *width;
  }
  if (TilePath(tile) != path) return std::nullopt;
  return tile;
}

}  // namespace bulkhead::audit
