// SPDX-License-Identifier: Apache-2.0
#include "base/hmac_sha256.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/checked_math.h"

namespace bulkhead::base {

Sha256Digest HmacSha256(std::span<const std::byte> key, std::span<const std::byte> bytes) {
  const auto key_bytes = CheckedCast<int>(key.size());
  BH_CHECK(key_bytes.has_value());
  // A null key would mean the one of an earlier call.
  static constexpr std::byte kNoKey{};
  Sha256Digest digest{};
  unsigned size = 0;
  BH_CHECK(HMAC(EVP_sha256(), key.empty() ? &kNoKey : key.data(), *key_bytes,
                reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                reinterpret_cast<unsigned char*>(digest.data()), &size) != nullptr);
  BH_CHECK(size == digest.size());
  return digest;
}

bool ConstantTimeEqual(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace bulkhead::base
