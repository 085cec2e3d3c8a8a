// SPDX-License-Identifier: Apache-2.0
#include "meter/group.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"
#include "base/check.h"
#include "base/crc32c.h"

namespace bulkhead::meter {
namespace {

// The first byte is in no text and is no kind of record.
constexpr std::array<std::byte, 4> kMagic{std::byte{0xFF}, std::byte{'B'}, std::byte{'H'},
                                          std::byte{'G'}};
constexpr std::size_t kChecksumAt = kGroupHeaderBytes - sizeof(uint32_t);

uint32_t HeaderChecksum(std::span<const std::byte> header, uint32_t segment) {
  return base::Crc32c(header.first(kChecksumAt),
                      base::Crc32c(std::as_bytes(std::span(&segment, 1))));
}

template <typename T>
void Put(std::span<std::byte> bytes, std::size_t at, std::type_identity_t<T> value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

}  // namespace

uint32_t SealGroup(std::span<std::byte> group, uint32_t segment, uint64_t first_sequence,
                   uint32_t records, uint32_t previous_checksum) {
  BH_CHECK(group.size() > kGroupHeaderBytes);
  const std::span<const std::byte> body = group.subspan(kGroupHeaderBytes);
  BH_CHECK(body.size() <= kGroupBodyBytesMax && records > 0 && records <= kGroupRecordsMax);
  std::memcpy(group.data(), kMagic.data(), kMagic.size());
  Put<uint32_t>(group, 4, static_cast<uint32_t>(body.size()));
  Put<uint64_t>(group, 8, first_sequence);
  Put<uint32_t>(group, 16, records);
  Put<uint32_t>(group, 20, previous_checksum);
  Put<uint32_t>(group, 24, base::Crc32c(body));
  const uint32_t checksum = HeaderChecksum(group.first(kGroupHeaderBytes), segment);
  Put<uint32_t>(group, kChecksumAt, checksum);
  return checksum;
}

std::optional<GroupHeader> ReadGroupHeader(std::span<const std::byte> bytes, uint32_t segment) {
  if (bytes.size() < kGroupHeaderBytes) return std::nullopt;
  bytes = bytes.first(kGroupHeaderBytes);
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) return std::nullopt;
  base::ByteReader reader(bytes.subspan(kMagic.size()));
  GroupHeader header;
  header.body_bytes = reader.Read<uint32_t>();
  header.first_sequence = reader.Read<uint64_t>();
  header.records = reader.Read<uint32_t>();
  header.previous_checksum = reader.Read<uint32_t>();
  header.body_checksum = reader.Read<uint32_t>();
  header.checksum = reader.Read<uint32_t>();
  if (header.checksum != HeaderChecksum(bytes, segment)) return std::nullopt;
  const bool possible = header.body_bytes > 0 && header.body_bytes <= kGroupBodyBytesMax &&
                        header.records > 0 && header.records <= kGroupRecordsMax;
  return possible ? std::optional(header) : std::nullopt;
}

std::optional<std::size_t> FindGroupHeader(std::span<const std::byte> bytes, uint32_t segment) {
  for (std::size_t at = 1; at + kGroupHeaderBytes <= bytes.size(); ++at) {
    const void* found = std::memchr(bytes.data() + at, std::to_integer<int>(kMagic.front()),
                                    bytes.size() - kGroupHeaderBytes - at + 1);
    if (found == nullptr) return std::nullopt;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
    if (ReadGroupHeader(bytes.subspan(at), segment)) return at;
  }
  return std::nullopt;
}

base::Status ForEachEntry(std::span<const std::byte> body, uint32_t records,
                          const std::function<base::Status(Entry)>& each) {
  base::ByteReader reader(body);
  for (uint32_t record = 0; record < records; ++record) {
    BH_ASSIGN(Entry entry, DecodeEntry(reader));
    BH_TRY(each(std::move(entry)));
  }
  if (reader.finished()) return base::Ok();
  return base::OperatorError(base::Code::kCorrupt, "bytes after the last record of a group");
}

}  // namespace bulkhead::meter
