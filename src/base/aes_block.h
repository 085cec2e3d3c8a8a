// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>

namespace bulkhead::base {

// The block cipher AES-128 itself (FIPS 197): under a key, a permutation of 16 bytes that nobody
// without the key can follow in either direction. For numbers that each are given once; texts need
// a mode of operation, which this is not. One thread at a time.
class AesBlock {
 public:
  using Bytes = std::array<std::byte, 16>;

  explicit AesBlock(const Bytes& key);
  AesBlock(AesBlock&& other) noexcept;
  AesBlock& operator=(AesBlock&& other) noexcept;
  ~AesBlock();

  [[nodiscard]] Bytes Encrypt(const Bytes& block) const;
  [[nodiscard]] Bytes Decrypt(const Bytes& block) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::base
