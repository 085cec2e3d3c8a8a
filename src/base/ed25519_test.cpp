// SPDX-License-Identifier: Apache-2.0
#include "base/ed25519.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

// RFC 8032, section 7.1, test 2.
constexpr const char* kSeed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr const char* kPublic = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr const char* kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

TEST(Ed25519, GivesTheVectorOfItsRfc) {
  const auto key = Ed25519Key::FromSeed(*ParseHex(kSeed));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Hex(key.value().PublicKey()), kPublic);
  const std::vector message{std::byte{0x72}};
  EXPECT_EQ(Hex(key.value().Sign(message)), kSignature);
  EXPECT_TRUE(VerifyEd25519(key.value().PublicKey(), message, *ParseHex(kSignature)));
}

TEST(Ed25519, RefusesEveryChangedBit) {
  const auto key = Ed25519Key::FromSeed(*ParseHex(kSeed));
  std::vector message(20, std::byte{0x72});
  auto signature = key.value().Sign(message);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1U << bit % 8);
    signature[bit / 8] ^= mask;
    EXPECT_FALSE(VerifyEd25519(key.value().PublicKey(), message, signature)) << bit;
    signature[bit / 8] ^= mask;
  }
  message[7] ^= std::byte{1};
  EXPECT_FALSE(VerifyEd25519(key.value().PublicKey(), message, signature));
  EXPECT_FALSE(VerifyEd25519(key.value().PublicKey(), message, {}));
}

TEST(Ed25519, RefusesAKeyOfAnotherLength) {
  EXPECT_EQ(Ed25519Key::FromSeed(std::vector<std::byte>(31)).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::base
