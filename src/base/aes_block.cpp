// SPDX-License-Identifier: Apache-2.0
#include "base/aes_block.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace bulkhead::base {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

constexpr int kEncrypt = 1;
constexpr int kDecrypt = 0;

Context MakeContext(const AesBlock::Bytes& key, int direction) {
  Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  // ECB of one block is the block cipher; without padding it stays one block.
  BH_CHECK(context != nullptr &&
           EVP_CipherInit_ex(context.get(), EVP_aes_128_ecb(), nullptr,
                             reinterpret_cast<const unsigned char*>(key.data()), nullptr,
                             direction) == 1 &&
           EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  return context;
}

AesBlock::Bytes Transform(EVP_CIPHER_CTX* context, const AesBlock::Bytes& block) {
  AesBlock::Bytes result{};
  int size = 0;
  BH_CHECK(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(result.data()), &size,
                            reinterpret_cast<const unsigned char*>(block.data()),
                            static_cast<int>(block.size())) == 1 &&
           size == static_cast<int>(result.size()));
  return result;
}

}  // namespace

struct AesBlock::State {
  Context encrypt;
  Context decrypt;
};

AesBlock::AesBlock(const Bytes& key)
    : state_(std::make_unique<State>(MakeContext(key, kEncrypt), MakeContext(key, kDecrypt))) {}
AesBlock::AesBlock(AesBlock&& other) noexcept = default;
AesBlock& AesBlock::operator=(AesBlock&& other) noexcept = default;
AesBlock::~AesBlock() = default;

AesBlock::Bytes AesBlock::Encrypt(const Bytes& block) const {
  return Transform(state_->encrypt.get(), block);
}

AesBlock::Bytes AesBlock::Decrypt(const Bytes& block) const {
  return Transform(state_->decrypt.get(), block);
}

}  // namespace bulkhead::base
