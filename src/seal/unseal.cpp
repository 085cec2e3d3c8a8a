// SPDX-License-Identifier: Apache-2.0
#include "seal/unseal.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/secret_bytes.h"
#include "seal/sealed_file.h"

namespace bulkhead::seal {
namespace {

using base::Code;
using base::PublicError;

constexpr std::size_t kSegmentsPerRead = 16;
constexpr std::size_t kSegmentBytes = FloeOptions{}.segment_bytes;
constexpr std::size_t kSegmentPlainBytes = kSegmentBytes - kFloeSegmentOverhead;

base::Status ReadAllAt(int file, uint64_t offset, std::span<std::byte> out) {
  BH_ASSIGN(const std::size_t count, ReadAt(file, offset, out));
  if (count == out.size()) return base::Ok();
  return PublicError(Code::kCorrupt, "the sealed model was cut short while it was read");
}

// Segments from `offset` in the file on, until `plain` is full.
base::Status OpenSegments(int file, uint64_t offset, FloeOpener& floe, std::span<std::byte> plain) {
  std::vector<std::byte> piece(kSegmentsPerRead * kSegmentBytes);
  uint64_t position = 0;
  while (!plain.empty()) {
    const std::size_t plain_bytes = std::min(plain.size(), kSegmentsPerRead * kSegmentPlainBytes);
    const std::size_t segments = (plain_bytes + kSegmentPlainBytes - 1) / kSegmentPlainBytes;
    std::span<std::byte> sealed =
        std::span(piece).first(plain_bytes + segments * kFloeSegmentOverhead);
    BH_TRY(ReadAllAt(file, offset, sealed));
    offset += sealed.size();
    while (!sealed.empty()) {
      const std::size_t bytes = std::min(sealed.size(), kSegmentBytes);
      const std::size_t count = bytes - kFloeSegmentOverhead;
      BH_TRY(floe.Open(sealed.first(bytes), position, count == plain.size(), plain.first(count)));
      ++position;
      sealed = sealed.subspan(bytes);
      plain = plain.subspan(count);
    }
  }
  return base::Ok();
}

base::Status OpenBody(int file, const DecodedHeader& decoded, base::Aes256Key data_key,
                      std::span<std::byte> plain) {
  std::array<std::byte, kFloeHeaderBytes> header{};
  BH_TRY(ReadAllAt(file, decoded.bytes, header));
  BH_ASSIGN(FloeOpener floe, FloeOpener::Start(data_key, decoded.bound, header, {}));
  return OpenSegments(file, decoded.bytes + header.size(), floe, plain);
}

}  // namespace

base::Status Unseal(int file, const DecodedHeader& decoded, base::Aes256Key data_key,
                    std::span<std::byte> plain) {
  BH_CHECK(plain.size() == decoded.header.plain_bytes);
  base::Status opened = OpenBody(file, decoded, data_key, plain);
  if (!opened.ok()) base::WipeBytes(plain);
  return opened;
}

}  // namespace bulkhead::seal
