// SPDX-License-Identifier: Apache-2.0
#include "base/hmac_sha256.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/checked_math.h"

namespace bulkhead::base {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256 (FIPS 180-4, section 5.2.1)

// The calls below fail only where there is no memory or the library was installed without SHA-256.

EVP_MD_CTX* ContextOf(void* context) { return static_cast<EVP_MD_CTX*>(context); }

// The key's block with every byte changed by `pad` (RFC 2104, section 2), as the begin of a digest.
EVP_MD_CTX* Begin(std::span<const std::byte> key, std::byte pad) {
  std::array<std::byte, kBlockBytes> block{};
  if (key.size() > block.size()) {
    std::ranges::copy(Sha256Of(key), block.begin());
  } else {
    std::ranges::copy(key, block.begin());
  }
  for (std::byte& byte : block) byte ^= pad;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  BH_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
  BH_CHECK(EVP_DigestUpdate(context, block.data(), block.size()) == 1);
  OPENSSL_cleanse(block.data(), block.size());
  return context;
}

Sha256Digest Digest(EVP_MD_CTX* running, const EVP_MD_CTX* begun,
                    std::span<const std::byte> bytes) {
  Sha256Digest digest{};
  unsigned size = 0;
  BH_CHECK(EVP_MD_CTX_copy_ex(running, begun) == 1);
  BH_CHECK(EVP_DigestUpdate(running, bytes.data(), bytes.size()) == 1);
  BH_CHECK(EVP_DigestFinal_ex(running, reinterpret_cast<unsigned char*>(digest.data()), &size) ==
           1);
  BH_CHECK(size == digest.size());
  return digest;
}

}  // namespace

void HmacSha256Key::Free::operator()(void* context) const { EVP_MD_CTX_free(ContextOf(context)); }

HmacSha256Key::HmacSha256Key(std::span<const std::byte> key)
    : inner_(Begin(key, std::byte{0x36})),
      outer_(Begin(key, std::byte{0x5C})),
      running_(EVP_MD_CTX_new()) {
  BH_CHECK(running_ != nullptr);
}

Sha256Digest HmacSha256Key::Of(std::span<const std::byte> bytes) {
  EVP_MD_CTX* running = ContextOf(running_.get());
  const Sha256Digest inner = Digest(running, ContextOf(inner_.get()), bytes);
  return Digest(running, ContextOf(outer_.get()), inner);
}

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
