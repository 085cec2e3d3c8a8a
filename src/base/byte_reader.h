// SPDX-License-Identifier: Apache-2.0
// Numbers and texts from bytes that come from outside, little endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/byte_writer.h"

namespace bulkhead::base {

// Reads from the front. After the first read that does not fit, or fails its limit, ok() is false
// and every read gives zero or nothing: test ok() or finished() before a value is used for more
// than reading on. Nothing is allocated for a length before it was held against its limit and
// against the bytes that are there.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <PlainNumber T>
  [[nodiscard]] T Read() {
    T value{};
    const std::span<const std::byte> bytes = ReadBytes(sizeof(T));
    if (ok_) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  // One byte, 0 or 1.
  [[nodiscard]] bool ReadFlag();
  // A uint32_t that counts items of at least `item_bytes` (1 or more) which follow.
  [[nodiscard]] std::size_t ReadCount(std::size_t count_max, std::size_t item_bytes);
  // A uint32_t and as many bytes of valid UTF-8.
  [[nodiscard]] std::string ReadText(std::size_t bytes_max);
  [[nodiscard]] std::span<const std::byte> ReadBytes(std::size_t count);
  // Bytes that must be zero.
  void ReadZeros(std::size_t count);

  // The reader of a value says that it is not one.
  void Fail();

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace bulkhead::base
