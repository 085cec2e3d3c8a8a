// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace bulkhead::base {
namespace {

EVP_MD_CTX* ContextOf(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

// The calls below fail only where there is no memory or the library was installed without SHA-256.

void Sha256::Free::operator()(void* context) const { EVP_MD_CTX_free(ContextOf(context)); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  BH_CHECK(context_ != nullptr);
  BH_CHECK(EVP_DigestInit_ex(ContextOf(context_.get()), EVP_sha256(), nullptr) == 1);
}

void Sha256::Update(std::span<const std::byte> bytes) {
  BH_CHECK(EVP_DigestUpdate(ContextOf(context_.get()), bytes.data(), bytes.size()) == 1);
}

Sha256Digest Sha256::Finish() {
  Sha256Digest digest{};
  unsigned size = 0;
  BH_CHECK(EVP_DigestFinal_ex(ContextOf(context_.get()),
                              reinterpret_cast<unsigned char*>(digest.data()), &size) == 1);
  BH_CHECK(size == digest.size());
  // Of the same digest: naming it would look it up under a lock, which takes as long as a block.
  BH_CHECK(EVP_DigestInit_ex(ContextOf(context_.get()), nullptr, nullptr) == 1);
  return digest;
}

Sha256Digest Sha256Of(std::span<const std::byte> bytes) {
  Sha256 sha256;
  sha256.Update(bytes);
  return sha256.Finish();
}

}  // namespace bulkhead::base
