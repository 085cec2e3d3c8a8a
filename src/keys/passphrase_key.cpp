// SPDX-License-Identifier: Apache-2.0
#include "keys/passphrase_key.h"

#include <cstdint>

#include <openssl/evp.h>

namespace bulkhead::keys {
namespace {

// RFC 7914 leaves them to the user; the memory is 128 x N x r.
constexpr uint64_t kN = 32'768;
constexpr uint64_t kR = 8;
constexpr uint64_t kP = 1;
constexpr uint64_t kMemoryMax = uint64_t{64} << 20;
constexpr std::size_t kKeyBytes = 32;

}  // namespace

base::Result<base::SecretBytes> PassphraseKey(std::span<const std::byte> passphrase,
                                              std::span<const std::byte> salt) {
  BH_ASSIGN(base::SecretBytes key, base::SecretBytes::Allocate(kKeyBytes));
  const int made = EVP_PBE_scrypt(
      reinterpret_cast<const char*>(passphrase.data()), passphrase.size(),
      reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), kN, kR, kP, kMemoryMax,
      reinterpret_cast<unsigned char*>(key.bytes().data()), key.bytes().size());
  if (made == 1) return key;
  return base::OperatorError(base::Code::kExhausted, "no memory to make a key of the passphrase");
}

}  // namespace bulkhead::keys
