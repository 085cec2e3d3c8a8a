// SPDX-License-Identifier: Apache-2.0
#include "base/aes_block.h"

#include <algorithm>
#include <string_view>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

AesBlock::Bytes Bytes(std::string_view hex) {
  AesBlock::Bytes bytes{};
  const auto parsed = ParseHex(hex).value();
  std::ranges::copy(parsed, bytes.begin());
  return bytes;
}

// FIPS 197, appendix C.1.
TEST(AesBlock, DoesAsTheStandardsExample) {
  const AesBlock aes(Bytes("000102030405060708090a0b0c0d0e0f"));
  const AesBlock::Bytes plain = Bytes("00112233445566778899aabbccddeeff");
  EXPECT_EQ(Hex(aes.Encrypt(plain)), "69c4e0d86a7b0430d8cdb78070b4c55a");
  EXPECT_EQ(aes.Decrypt(aes.Encrypt(plain)), plain);
}

TEST(AesBlock, GivesOneBlockForOneBlockAgainAndAgain) {
  const AesBlock aes(Bytes("000102030405060708090a0b0c0d0e0f"));
  const AesBlock::Bytes once = aes.Encrypt({});
  EXPECT_EQ(aes.Encrypt({}), once);
  EXPECT_EQ(aes.Decrypt(once), AesBlock::Bytes{});
}

}  // namespace
}  // namespace bulkhead::base
