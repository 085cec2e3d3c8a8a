// SPDX-License-Identifier: Apache-2.0
// A damaged ledger: hostile bytes as a record, and as a segment, with and without right checksums.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/byte_reader.h"
#include "base/check.h"
#include "base/test_folder.h"
#include "meter/group.h"
#include "meter/ledger.h"
#include "meter/record_codec.h"
#include "meter/segment_header.h"
#include "meter/verify.h"

namespace {

namespace meter = bulkhead::meter;

// What can be read is what is written.
void ReadRecord(std::span<const std::byte> bytes) {
  bulkhead::base::ByteReader reader(bytes);
  const auto entry = meter::DecodeEntry(reader);
  if (!entry.ok()) return;
  std::vector<std::byte> written;
  if (const auto* record = std::get_if<meter::FrameRecord>(&entry.value())) {
    meter::EncodeRecord(*record, written);
  } else {
    meter::EncodeMark(std::get<meter::ExportMark>(entry.value()), written);
  }
  const auto read = bytes.first(bytes.size() - reader.remaining());
  BH_CHECK(written.size() == read.size() &&
           std::memcmp(written.data(), read.data(), read.size()) == 0);
}

const std::filesystem::path& Folder() {
  static const bulkhead::base::TestFolder folder(bulkhead::base::InMemory());
  static const std::filesystem::path ledger = folder.path() / "ledger";
  return ledger;
}

// Chunks of the input (seal, records, bytes, as many bytes) one after another; sealed ones are
// groups with right checksums in their place, whatever their records.
std::vector<std::byte> MakeSegment(std::span<const std::byte> input) {
  const auto header = meter::EncodeSegmentHeader({.ledger_id = "0123456789abcdef"});
  std::vector<std::byte> segment(header.begin(), header.end());
  bulkhead::base::ByteReader reader(input);
  uint32_t previous = meter::ChecksumOf(header);
  uint64_t sequence = 1;
  while (reader.ok() && reader.remaining() > 3) {
    const bool seal = reader.Read<uint8_t>() % 2 == 0;
    const uint32_t records = reader.Read<uint8_t>();
    const auto bytes =
        reader.ReadBytes(std::min<std::size_t>(reader.Read<uint8_t>(), reader.remaining()));
    std::vector<std::byte> group(seal ? meter::kGroupHeaderBytes : 0);
    group.insert(group.end(), bytes.begin(), bytes.end());
    if (seal && records > 0 && !bytes.empty()) {
      previous = meter::SealGroup(group, meter::ChecksumOf(header), sequence, records, previous);
      sequence += records;
    }
    segment.insert(segment.end(), group.begin(), group.end());
  }
  return segment;
}

// A ledger of one segment: what does not open, Verify finds; what opens holds what Verify counted.
void OpenSegment(std::span<const std::byte> segment) {
  std::filesystem::remove_all(Folder());
  std::filesystem::create_directory(Folder());
  {
    std::ofstream file(Folder() / "0000000001.segment", std::ios::binary);
    file.write(reinterpret_cast<const char*>(segment.data()),
               static_cast<std::streamsize>(segment.size()));
  }
  const auto before = meter::Verify(Folder());
  BH_CHECK(before.ok());
  const auto opened = meter::Ledger::Open(Folder());
  if (!opened.ok()) {
    BH_CHECK(opened.error().code == bulkhead::base::Code::kCorrupt && !before.value().sound());
    return;
  }
  BH_CHECK(opened.value()->recovery().records == before.value().records);
  BH_CHECK(opened.value()->recovery().torn_bytes == before.value().torn_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto input = std::as_bytes(std::span(bytes, size));
  if (bytes[0] % 2 == 0) {
    ReadRecord(input.subspan(1));
  } else {
    OpenSegment(MakeSegment(input.subspan(1)));
  }
  return 0;
}
