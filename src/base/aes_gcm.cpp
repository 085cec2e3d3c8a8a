// SPDX-License-Identifier: Apache-2.0
#include "base/aes_gcm.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace bulkhead::base {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

constexpr std::size_t kPieceBytesMax = std::size_t{1} << 30;
constexpr int kEncrypt = 1;
constexpr int kDecrypt = 0;

const unsigned char* In(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* Out(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// The calls below, Final of an opening apart, fail only where there is no memory.

Context MakeContext(Aes256Key key, int direction) {
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  BH_CHECK(context != nullptr && EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                                                   In(key), nullptr, direction) == 1);
  return context;
}

// Everything but the tag. `to` is as long as `from`.
void Transform(EVP_CIPHER_CTX* context, const GcmNonce& nonce, std::span<const std::byte> bound,
               std::span<const std::byte> from, std::span<std::byte> to) {
  BH_CHECK(from.size() == to.size() && from.size() <= kPieceBytesMax &&
           bound.size() <= kPieceBytesMax);
  int size = 0;
  BH_CHECK(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, In(nonce), -1) == 1);
  if (!bound.empty()) {
    BH_CHECK(EVP_CipherUpdate(context, nullptr, &size, In(bound), static_cast<int>(bound.size())) ==
             1);
  }
  if (from.empty()) return;
  BH_CHECK(EVP_CipherUpdate(context, Out(to), &size, In(from), static_cast<int>(from.size())) ==
               1 &&
           size == static_cast<int>(to.size()));
}

}  // namespace

struct Aes256Gcm::State {
  Context seal;
  Context open;
};

Aes256Gcm::Aes256Gcm(Aes256Key key)
    : state_(std::make_unique<State>(MakeContext(key, kEncrypt), MakeContext(key, kDecrypt))) {}
Aes256Gcm::Aes256Gcm(Aes256Gcm&& other) noexcept = default;
Aes256Gcm& Aes256Gcm::operator=(Aes256Gcm&& other) noexcept = default;
Aes256Gcm::~Aes256Gcm() = default;

GcmTag Aes256Gcm::Seal(const GcmNonce& nonce, std::span<const std::byte> bound,
                       std::span<const std::byte> plain, std::span<std::byte> sealed) {
  EVP_CIPHER_CTX* context = state_->seal.get();
  Transform(context, nonce, bound, plain, sealed);
  GcmTag tag{};
  int size = 0;
  BH_CHECK(EVP_CipherFinal_ex(context, Out(tag), &size) == 1 && size == 0);
  BH_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                               tag.data()) == 1);
  return tag;
}

bool Aes256Gcm::Open(const GcmNonce& nonce, std::span<const std::byte> bound,
                     std::span<const std::byte> sealed, const GcmTag& tag,
                     std::span<std::byte> plain) {
  EVP_CIPHER_CTX* context = state_->open.get();
  Transform(context, nonce, bound, sealed, plain);
  GcmTag expected = tag;
  BH_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                               expected.data()) == 1);
  GcmTag rest{};
  int size = 0;
  if (EVP_CipherFinal_ex(context, Out(rest), &size) == 1) return true;
  OPENSSL_cleanse(plain.data(), plain.size());
  return false;
}

}  // namespace bulkhead::base
