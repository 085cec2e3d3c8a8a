// SPDX-License-Identifier: Apache-2.0
#include "base/hkdf_expand.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace bulkhead::base {
namespace {

constexpr std::size_t kDigestBytes = 48;
constexpr std::size_t kBlocksMax = 255;

using Block = std::array<std::byte, kDigestBytes>;

Block Hmac(std::span<const std::byte> key, std::span<const std::byte> bytes) {
  Block block{};
  unsigned size = 0;
  // Fails only where there is no memory.
  BH_CHECK(HMAC(EVP_sha384(), key.data(), static_cast<int>(key.size()),
                reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                reinterpret_cast<unsigned char*>(block.data()), &size) != nullptr &&
           size == block.size());
  return block;
}

}  // namespace

void HkdfExpandSha384(std::span<const std::byte> key, std::span<const std::byte> info,
                      std::span<std::byte> out) {
  BH_CHECK(out.size() <= kBlocksMax * kDigestBytes);
  std::vector<std::byte> input;
  for (uint8_t number = 1; !out.empty(); ++number) {
    input.insert(input.end(), info.begin(), info.end());
    input.push_back(std::byte{number});
    Block block = Hmac(key, input);
    const std::size_t count = std::min(out.size(), block.size());
    std::copy_n(block.begin(), count, out.begin());
    out = out.subspan(count);
    OPENSSL_cleanse(input.data(), input.size());
    input.assign(block.begin(), block.end());
    OPENSSL_cleanse(block.data(), block.size());
  }
  OPENSSL_cleanse(input.data(), input.size());
}

}  // namespace bulkhead::base
