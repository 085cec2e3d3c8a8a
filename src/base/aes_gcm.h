// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace bulkhead::base {

using Aes256Key = std::span<const std::byte, 32>;
using GcmNonce = std::array<std::byte, 12>;
using GcmTag = std::array<std::byte, 16>;

// AES-256-GCM (NIST SP 800-38D) under one key, with nonces of 96 bits that the caller never uses
// twice and tags of 128. Pieces are at most 1 GiB, and input and output may be the same memory. One
// thread at a time.
class Aes256Gcm {
 public:
  explicit Aes256Gcm(Aes256Key key);
  Aes256Gcm(Aes256Gcm&& other) noexcept;
  Aes256Gcm& operator=(Aes256Gcm&& other) noexcept;
  ~Aes256Gcm();

  // `sealed` is as long as `plain`.
  [[nodiscard]] GcmTag Seal(const GcmNonce& nonce, std::span<const std::byte> bound,
                            std::span<const std::byte> plain, std::span<std::byte> sealed);

  // False: not what Seal gave under this key, nonce and bound bytes. Then `plain` is zeros.
  [[nodiscard]] bool Open(const GcmNonce& nonce, std::span<const std::byte> bound,
                          std::span<const std::byte> sealed, const GcmTag& tag,
                          std::span<std::byte> plain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::base
