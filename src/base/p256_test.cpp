// SPDX-License-Identifier: Apache-2.0
#include "base/p256.h"

#include <algorithm>
#include <span>
#include <string_view>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

P256Number Number(std::string_view hex) {
  P256Number number{};
  std::ranges::copy(ParseHex(hex).value(), number.begin());
  return number;
}

bool Verify(P256Number x, P256Number y, std::string_view message, P256Number r, P256Number s) {
  return VerifyP256(x, y, std::as_bytes(std::span(message)), r, s);
}

// RFC 6979, A.2.5: P-256 with SHA-256.
const P256Number kX = Number("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
const P256Number kY = Number("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
const P256Number kR = Number("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
const P256Number kS = Number("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");

TEST(P256, VerifiesThePublishedSignature) { EXPECT_TRUE(Verify(kX, kY, "sample", kR, kS)); }

TEST(P256, RefusesAnotherMessageOrSignature) {
  EXPECT_FALSE(Verify(kX, kY, "test", kR, kS));
  EXPECT_FALSE(Verify(kX, kY, "sample", kS, kR));
  EXPECT_FALSE(Verify(kX, kY, "sample", {}, {}));
}

TEST(P256, RefusesWhatIsNoPointOfTheCurve) {
  EXPECT_FALSE(Verify(kY, kX, "sample", kR, kS));
  EXPECT_FALSE(Verify({}, {}, "sample", kR, kS));
}

}  // namespace
}  // namespace bulkhead::base
