// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace bulkhead::base {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* Raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

void Ed25519Key::Free::operator()(void* key) const { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }

Result<Ed25519Key> Ed25519Key::FromSeed(std::span<const std::byte> seed) {
  if (seed.size() != kEd25519KeyBytes) {
    return OperatorError(Code::kInvalid, "an Ed25519 key has 32 bytes");
  }
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Raw(seed), seed.size());
  BH_CHECK(key != nullptr);  // no memory, or a library without Ed25519
  return Ed25519Key(key);
}

Ed25519Signature Ed25519Key::Sign(std::span<const std::byte> message) const {
  const Context context(EVP_MD_CTX_new());
  Ed25519Signature signature{};
  std::size_t size = signature.size();
  BH_CHECK(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                                                    static_cast<EVP_PKEY*>(key_.get())) == 1);
  BH_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                          Raw(message), message.size()) == 1);
  BH_CHECK(size == signature.size());
  return signature;
}

Ed25519PublicKey Ed25519Key::PublicKey() const {
  Ed25519PublicKey key{};
  std::size_t size = key.size();
  BH_CHECK(EVP_PKEY_get_raw_public_key(static_cast<EVP_PKEY*>(key_.get()),
                                       reinterpret_cast<unsigned char*>(key.data()), &size) == 1);
  return key;
}

bool VerifyEd25519(const Ed25519PublicKey& key, std::span<const std::byte> message,
                   std::span<const std::byte> signature) {
  EVP_PKEY* opened = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Raw(key), key.size());
  if (opened == nullptr) return false;
  const Context context(EVP_MD_CTX_new());
  const bool verified =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, opened) == 1 &&
      EVP_DigestVerify(context.get(), Raw(signature), signature.size(), Raw(message),
                       message.size()) == 1;
  EVP_PKEY_free(opened);
  return verified;
}

}  // namespace bulkhead::base
