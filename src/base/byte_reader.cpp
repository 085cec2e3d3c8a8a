// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"

namespace bulkhead::base {

void ByteReader::Fail() {
  ok_ = false;
  rest_ = {};
}

std::span<const std::byte> ByteReader::ReadBytes(std::size_t count) {
  if (!ok_ || rest_.size() < count) {
    Fail();
    return {};
  }
  const auto bytes = rest_.first(count);
  rest_ = rest_.subspan(count);
  return bytes;
}

bool ByteReader::ReadFlag() {
  const auto value = Read<uint8_t>();
  if (value > 1) Fail();
  return ok_ && value == 1;
}

std::size_t ByteReader::ReadCount(std::size_t count_max, std::size_t item_bytes) {
  BH_CHECK(item_bytes > 0);
  const std::size_t count = Read<uint32_t>();
  if (count > count_max || count > rest_.size() / item_bytes) Fail();
  return ok_ ? count : 0;
}

std::string ByteReader::ReadText(std::size_t bytes_max) {
  const std::span<const std::byte> bytes = ReadBytes(ReadCount(bytes_max, 1));
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!IsUtf8(text)) {
    Fail();
    text.clear();
  }
  return text;
}

void ByteReader::ReadZeros(std::size_t count) {
  const std::span<const std::byte> bytes = ReadBytes(count);
  if (std::ranges::any_of(bytes, [](std::byte value) { return value != std::byte{0}; })) Fail();
}

}  // namespace bulkhead::base
