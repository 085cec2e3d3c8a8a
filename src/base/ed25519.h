// SPDX-License-Identifier: Apache-2.0
// Signatures with Ed25519 (RFC 8032, the plain variant).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"

namespace bulkhead::base {

constexpr std::size_t kEd25519KeyBytes = 32;
using Ed25519PublicKey = std::array<std::byte, 32>;
using Ed25519Signature = std::array<std::byte, 64>;

// Signs. Any thread.
class Ed25519Key {
 public:
  // From the 32 bytes that RFC 8032 calls the private key, wiped by whoever holds them. kInvalid:
  // another length.
  static Result<Ed25519Key> FromSeed(std::span<const std::byte> seed);

  [[nodiscard]] Ed25519Signature Sign(std::span<const std::byte> message) const;
  [[nodiscard]] Ed25519PublicKey PublicKey() const;

 private:
  struct Free {
    void operator()(void* key) const;
  };
  explicit Ed25519Key(void* key) : key_(key) {}
  std::unique_ptr<void, Free> key_;
};

// Whether the signature is the key's over exactly this message.
[[nodiscard]] bool VerifyEd25519(const Ed25519PublicKey& key, std::span<const std::byte> message,
                                 std::span<const std::byte> signature);

}  // namespace bulkhead::base
