// SPDX-License-Identifier: Apache-2.0
#include "base/hmac_sha256.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacSha256, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(Hex(HmacSha256(Bytes(std::string(20, '\x0b')), Bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256(Bytes("Jefe"), Bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(Bytes(std::string(131, '\xaa')),
                           Bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, TakesAnEmptyKeyForOneAndNotForTheLast) {
  (void)HmacSha256(Bytes("Jefe"), Bytes("a"));
  EXPECT_EQ(Hex(HmacSha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256Key, GivesWhatHmacSha256DoesTimeAfterTime) {
  for (const std::size_t key_bytes : {0U, 1U, 32U, 63U, 64U, 65U, 131U}) {
    const std::string key(key_bytes, '\xaa');
    HmacSha256Key prepared(Bytes(key));
    for (const std::string& text :
         {std::string(), std::string("Hi There"), std::string(200, 'x')}) {
      EXPECT_EQ(prepared.Of(Bytes(text)), HmacSha256(Bytes(key), Bytes(text))) << key_bytes;
    }
  }
}

TEST(ConstantTimeEqual, ComparesEveryByteAndTheSizes) {
  EXPECT_TRUE(ConstantTimeEqual(Bytes("bulkhead"), Bytes("bulkhead")));
  EXPECT_TRUE(ConstantTimeEqual({}, {}));
  EXPECT_FALSE(ConstantTimeEqual(Bytes("bulkhead"), Bytes("Bulkhead")));
  EXPECT_FALSE(ConstantTimeEqual(Bytes("bulkhead"), Bytes("bulkheaD")));
  EXPECT_FALSE(ConstantTimeEqual(Bytes("bulkhead"), Bytes("bulkhea")));
}

}  // namespace
}  // namespace bulkhead::base
