// SPDX-License-Identifier: Apache-2.0
#include "base/p256.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace bulkhead::base {
namespace {

template <auto kFree>
struct Free {
  template <typename Object>
  void operator()(Object* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Verification = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

// Nothing: no point of the curve.
Key MakeKey(const P256Number& x, const P256Number& y) {
  std::array<std::byte, 65> point{std::byte{4}};  // uncompressed
  std::ranges::copy(x, point.begin() + 1);
  std::ranges::copy(y, point.begin() + 33);
  char group[] = "prime256v1";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group) - 1),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  BH_CHECK(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  auto given = parameters;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, given.data()) != 1) return {};
  return Key(key);
}

BIGNUM* Number(const P256Number& number) {
  BIGNUM* const made = BN_bin2bn(reinterpret_cast<const unsigned char*>(number.data()),
                                 static_cast<int>(number.size()), nullptr);
  BH_CHECK(made != nullptr);
  return made;
}

}  // namespace

bool VerifyP256(const P256Number& x, const P256Number& y, std::span<const std::byte> message,
                const P256Number& r, const P256Number& s) {
  const Key key = MakeKey(x, y);
  if (key == nullptr) return false;
  const Signature signature(ECDSA_SIG_new());
  BH_CHECK(signature != nullptr && ECDSA_SIG_set0(signature.get(), Number(r), Number(s)) == 1);
  // Two numbers of 33 bytes, with their tags and lengths.
  std::array<unsigned char, 80> encoded{};
  unsigned char* end = encoded.data();
  const int size = i2d_ECDSA_SIG(signature.get(), &end);
  BH_CHECK(size > 0 && static_cast<std::size_t>(size) <= encoded.size());
  const Verification context(EVP_MD_CTX_new());
  BH_CHECK(context != nullptr);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), encoded.data(), static_cast<std::size_t>(size),
                          reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace bulkhead::base
