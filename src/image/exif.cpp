// SPDX-License-Identifier: Apache-2.0
#include "image/exif.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::image {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view kExifPrefix{"Exif\0\0", 6};

// `count` bytes from `offset`; empty where they are not all there.
Bytes Slice(Bytes bytes, std::size_t offset, std::size_t count) {
  if (offset > bytes.size() || count > bytes.size() - offset) return {};
  return bytes.subspan(offset, count);
}

bool HasText(Bytes bytes, std::size_t offset, std::string_view text) {
  const Bytes found = Slice(bytes, offset, text.size());
  if (found.size() != text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<char>(found[i]) != text[i]) return false;
  }
  return true;
}

// An unsigned integer of `width` bytes, at most four; nullopt where the bytes end before it does.
std::optional<uint32_t> ReadUnsigned(Bytes bytes, std::size_t offset, std::size_t width,
                                     std::endian order) {
  const Bytes field = Slice(bytes, offset, width);
  if (field.size() != width) return std::nullopt;
  uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t next = order == std::endian::big ? i : width - 1 - i;
    value = value << 8 | std::to_integer<uint32_t>(field[next]);
  }
  return value;
}

// TIFF 6.0, section 2: a directory is a count, then entries of 12 bytes: tag, type, count, value.
Orientation ParseDirectory(Bytes tiff, std::size_t offset, std::endian order) {
  constexpr std::size_t kEntryBytes = 12;
  constexpr uint32_t kOrientationTag = 0x0112;
  constexpr uint32_t kShort = 3;
  const uint32_t count = ReadUnsigned(tiff, offset, 2, order).value_or(0);
  for (uint32_t i = 0; i < count; ++i) {
    const Bytes entry = Slice(tiff, offset + 2 + i * kEntryBytes, kEntryBytes);
    if (entry.empty()) break;
    if (ReadUnsigned(entry, 0, 2, order) != kOrientationTag) continue;
    if (ReadUnsigned(entry, 2, 2, order) != kShort) break;
    const uint32_t value = ReadUnsigned(entry, 8, 2, order).value_or(0);
    if (value >= 1 && value <= 8) return static_cast<Orientation>(value);
    break;
  }
  return Orientation::kUpright;
}

}  // namespace

Orientation ParseExifOrientation(Bytes exif) {
  const Bytes tiff = HasText(exif, 0, kExifPrefix) ? exif.subspan(kExifPrefix.size()) : exif;
  std::endian order = std::endian::little;
  if (HasText(tiff, 0, "MM")) {
    order = std::endian::big;
  } else if (!HasText(tiff, 0, "II")) {
    return Orientation::kUpright;
  }
  if (ReadUnsigned(tiff, 2, 2, order) != 42U) return Orientation::kUpright;
  const auto directory = ReadUnsigned(tiff, 4, 4, order);
  return directory ? ParseDirectory(tiff, *directory, order) : Orientation::kUpright;
}

// ITU-T T.81, B.1.1.4: after the start-of-image marker, segments of FF, a marker byte and a length
// that counts itself; fill bytes FF may stand before a marker. The scan's marker (DA) ends them.
Orientation ParseJpegOrientation(Bytes jpeg) {
  constexpr uint32_t kApp1 = 0xE1;
  constexpr uint32_t kStartOfScan = 0xDA;
  constexpr uint32_t kFill = 0xFF;
  std::size_t offset = 2;
  while (ReadUnsigned(jpeg, offset, 1, std::endian::big) == kFill) {
    const auto marker = ReadUnsigned(jpeg, offset + 1, 1, std::endian::big);
    if (marker == kFill) {
      ++offset;
      continue;
    }
    const auto length = ReadUnsigned(jpeg, offset + 2, 2, std::endian::big);
    if (marker == kStartOfScan || !length || *length < 2) break;
    const Bytes body = Slice(jpeg, offset + 4, *length - 2);
    if (marker == kApp1 && HasText(body, 0, kExifPrefix)) return ParseExifOrientation(body);
    offset += 2 + std::size_t{*length};
  }
  return Orientation::kUpright;
}

// PNG, third edition, 5.2-5.3: eight bytes of signature, then chunks of a big-endian size, a
// four-letter name, a body and a checksum of four bytes.
Orientation ParsePngOrientation(Bytes png) {
  std::size_t offset = 8;
  while (const auto size = ReadUnsigned(png, offset, 4, std::endian::big)) {
    if (HasText(png, offset + 4, "eXIf"))
      return ParseExifOrientation(Slice(png, offset + 8, *size));
    offset += 12 + std::size_t{*size};
  }
  return Orientation::kUpright;
}

// RFC 9649, 2.3-2.4: "RIFF", size, "WEBP", then chunks of a four-letter name, a little-endian size
// and a body padded to an even size.
Orientation ParseWebpOrientation(Bytes webp) {
  std::size_t offset = 12;
  while (const auto size = ReadUnsigned(webp, offset + 4, 4, std::endian::little)) {
    if (HasText(webp, offset, "EXIF")) return ParseExifOrientation(Slice(webp, offset + 8, *size));
    offset += 8 + std::size_t{*size} + (*size & 1U);
  }
  return Orientation::kUpright;
}

}  // namespace bulkhead::image
