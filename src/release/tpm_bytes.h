// SPDX-License-Identifier: Apache-2.0
// Numbers and sized buffers as TPMs write them (TPM 2.0 Library, part 2): big endian.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace bulkhead::release {

// After the first read that does not fit, ok() is false and every read gives zero or nothing.
class TpmReader {
 public:
  explicit TpmReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  [[nodiscard]] T Read() {
    T value = 0;
    for (const std::byte byte : ReadBytes(sizeof(T))) {
      value = static_cast<T>((uint64_t{value} << 8U) | static_cast<uint64_t>(byte));
    }
    return value;
  }
  [[nodiscard]] std::span<const std::byte> ReadBytes(std::size_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }
  // A TPM2B: a uint16_t and as many bytes.
  [[nodiscard]] std::span<const std::byte> ReadSized(std::size_t bytes_max) {
    const std::size_t size = Read<uint16_t>();
    if (size > bytes_max) ok_ = false;
    return ReadBytes(size);
  }
  // What was read must have been this.
  template <std::unsigned_integral T>
  void Expect(std::type_identity_t<T> value) {
    if (Read<T>() != value) ok_ = false;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

class TpmWriter {
 public:
  template <std::unsigned_integral T>
  void Write(std::type_identity_t<T> value) {
    for (std::size_t left = sizeof(T); left > 0; --left) {
      bytes_.push_back(static_cast<std::byte>(uint64_t{value} >> (8 * (left - 1))));
    }
  }
  void WriteBytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void WriteSized(std::span<const std::byte> bytes) {
    Write<uint16_t>(static_cast<uint16_t>(bytes.size()));
    WriteBytes(bytes);
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace bulkhead::release
