// SPDX-License-Identifier: Apache-2.0
// Numbers and texts to bytes, little endian.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"

namespace bulkhead::base {

// A number with the same bytes on every machine that Bulkhead runs on.
template <typename T>
concept PlainNumber = (std::integral<T> && !std::same_as<T, bool>) || std::same_as<T, float>;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

class ByteWriter {
 public:
  // The type is always written out: Write<uint32_t>(count).
  template <PlainNumber T>
  void Write(std::type_identity_t<T> value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }

  void WriteFlag(bool value) { Write<uint8_t>(value ? 1 : 0); }

  void WriteBytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  void WriteZeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }

  // The length in bytes as a uint32_t, then the bytes.
  void WriteText(std::string_view text) {
    BH_CHECK(text.size() <= UINT32_MAX);
    Write<uint32_t>(static_cast<uint32_t>(text.size()));
    WriteBytes(std::as_bytes(std::span(text)));
  }

  void Reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::vector<std::byte> Take() && { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace bulkhead::base
