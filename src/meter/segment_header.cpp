// SPDX-License-Identifier: Apache-2.0
#include "meter/segment_header.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/check.h"
#include "base/crc32c.h"
#include "meter/record_codec.h"

namespace bulkhead::meter {
namespace {

constexpr std::string_view kMagic = "BHLEDGER";
constexpr uint32_t kVersion = 1;
constexpr std::size_t kChecksumAt = kSegmentHeaderBytes - sizeof(uint32_t);

bool IsLedgerId(std::string_view text) {
  return text.size() == kLedgerIdBytes && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

base::Error Damaged(std::string_view what) {
  return base::OperatorError(base::Code::kCorrupt, std::string(what));
}

void WriteMark(const std::optional<ExportMark>& mark, base::ByteWriter& writer) {
  const ExportMark shown = mark.value_or(ExportMark{});
  writer.Write<uint8_t>(mark ? static_cast<uint8_t>(shown.step) : 0);
  writer.WriteZeros(7);
  writer.Write<int64_t>(shown.hours_end_unix_ms);
  writer.Write<uint64_t>(shown.from);
  writer.Write<uint64_t>(shown.to);
  writer.Write<int64_t>(shown.time_unix_ms);
}

// Fails the reader where the bytes are no mark, nor the zeros that stand for none.
std::optional<ExportMark> ReadMark(base::ByteReader& reader) {
  ExportMark mark;
  const auto step = reader.Read<uint8_t>();
  reader.ReadZeros(7);
  mark.hours_end_unix_ms = reader.Read<int64_t>();
  mark.from = reader.Read<uint64_t>();
  mark.to = reader.Read<uint64_t>();
  mark.time_unix_ms = reader.Read<int64_t>();
  if (step == 0 && mark == ExportMark{}) return std::nullopt;
  if (step == 0 || step > 2 || !CheckMark(mark).ok()) reader.Fail();
  mark.step = step == 2 ? ExportStep::kDone : ExportStep::kBegun;
  return mark;
}

}  // namespace

SegmentHeaderBytes EncodeSegmentHeader(const SegmentHeader& header) {
  BH_CHECK(IsLedgerId(header.ledger_id));
  base::ByteWriter writer;
  writer.WriteBytes(std::as_bytes(std::span(kMagic)));
  writer.Write<uint32_t>(kVersion);
  writer.WriteZeros(4);
  writer.WriteBytes(std::as_bytes(std::span(header.ledger_id)));
  writer.Write<uint64_t>(header.number);
  writer.Write<uint64_t>(header.epoch);
  writer.Write<uint64_t>(header.first_sequence);
  writer.Write<uint64_t>(header.position);
  writer.Write<uint64_t>(header.previous.bytes);
  writer.Write<uint32_t>(header.previous.header_checksum);
  writer.Write<uint32_t>(header.previous.last_checksum);
  WriteMark(header.mark, writer);
  writer.WriteZeros(4);
  const std::vector<std::byte> bytes = std::move(writer).Take();
  BH_CHECK(bytes.size() == kChecksumAt);
  SegmentHeaderBytes encoded{};
  std::ranges::copy(bytes, encoded.begin());
  const uint32_t checksum = base::Crc32c(bytes);
  std::memcpy(encoded.data() + kChecksumAt, &checksum, sizeof(checksum));
  return encoded;
}

uint32_t ChecksumOf(const SegmentHeaderBytes& bytes) {
  uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + kChecksumAt, sizeof(checksum));
  return checksum;
}

base::Result<SegmentHeader> DecodeSegmentHeader(std::span<const std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return Damaged("a segment shorter than its header");
  bytes = bytes.first(kSegmentHeaderBytes);
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return Damaged("a segment that does not begin as one");
  }
  base::ByteReader reader(bytes.subspan(kMagic.size()));
  const auto version = reader.Read<uint32_t>();
  uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + kChecksumAt, sizeof(checksum));
  if (checksum != base::Crc32c(bytes.first(kChecksumAt))) {
    return Damaged("a segment header whose checksum is wrong");
  }
  if (version != kVersion) {
    return base::OperatorError(base::Code::kUnsupported,
                               "ledger format version " + std::to_string(version));
  }
  reader.ReadZeros(4);
  SegmentHeader header;
  const auto id = reader.ReadBytes(kLedgerIdBytes);
  header.ledger_id.assign(reinterpret_cast<const char*>(id.data()), id.size());
  header.number = reader.Read<uint64_t>();
  header.epoch = reader.Read<uint64_t>();
  header.first_sequence = reader.Read<uint64_t>();
  header.position = reader.Read<uint64_t>();
  header.previous.bytes = reader.Read<uint64_t>();
  header.previous.header_checksum = reader.Read<uint32_t>();
  header.previous.last_checksum = reader.Read<uint32_t>();
  header.mark = ReadMark(reader);
  reader.ReadZeros(4);
  if (!reader.ok() || !IsLedgerId(header.ledger_id)) {
    return Damaged("a segment header that does not parse");
  }
  return header;
}

std::optional<std::string> WrongLink(const SegmentHeader* previous, uint64_t previous_bytes,
                                     const SegmentHeader& header) {
  if (previous == nullptr) {
    const bool first = header.number == 1 && header.epoch == 1 && header.first_sequence == 1 &&
                       header.position == 0 && header.previous == PreviousSegment{} && !header.mark;
    return first ? std::nullopt : std::optional<std::string>("not a ledger's first segment");
  }
  if (header.ledger_id != previous->ledger_id) return "a segment of another ledger";
  if (header.number != previous->number + 1) return "a segment that does not follow in number";
  if (header.previous.bytes != previous_bytes) {
    return "the segment before it has " + std::to_string(previous_bytes) + " bytes instead of " +
           std::to_string(header.previous.bytes);
  }
  if (header.previous.header_checksum != ChecksumOf(EncodeSegmentHeader(*previous))) {
    return "the segment before it has another header";
  }
  if (header.position < previous->position) return "a position that falls";
  if (header.epoch == previous->epoch + 1) {
    return header.first_sequence == 1 ? std::nullopt
                                      : std::optional<std::string>("an epoch that does not begin");
  }
  const bool goes_on =
      header.epoch == previous->epoch &&
      header.first_sequence - previous->first_sequence == header.position - previous->position;
  return goes_on ? std::nullopt : std::optional<std::string>("a sequence that does not follow");
}

}  // namespace bulkhead::meter
