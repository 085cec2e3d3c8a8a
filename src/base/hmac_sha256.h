// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/sha256.h"

namespace bulkhead::base {

// HMAC (RFC 2104) with SHA-256. A key of any length; 32 random bytes are the usual one.
[[nodiscard]] Sha256Digest HmacSha256(std::span<const std::byte> key,
                                      std::span<const std::byte> bytes);

// The same for many messages: the key is prepared once. One thread at a time.
class HmacSha256Key {
 public:
  explicit HmacSha256Key(std::span<const std::byte> key);
  [[nodiscard]] Sha256Digest Of(std::span<const std::byte> bytes);

 private:
  struct Free {
    void operator()(void* context) const;
  };
  using Context = std::unique_ptr<void, Free>;  // an EVP_MD_CTX
  Context inner_;                               // after the key's block
  Context outer_;
  Context running_;
};

// Whether both are the same, in a time that depends on their sizes alone.
[[nodiscard]] bool ConstantTimeEqual(std::span<const std::byte> a, std::span<const std::byte> b);

}  // namespace bulkhead::base
