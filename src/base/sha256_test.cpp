// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// The examples of FIPS 180-2, appendix B, and the digest of nothing.
TEST(Sha256, DigestsTheStandardsExamples) {
  EXPECT_EQ(Hex(Sha256Of({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256Of(Bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256Of(Bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  const std::string million(1'000'000, 'a');
  Sha256 sha256;
  for (std::size_t at = 0, step = 1; at < million.size(); at += step, step = step * 3 % 4097 + 1) {
    sha256.Update(Bytes(std::string_view(million).substr(at, step)));
  }
  EXPECT_EQ(Hex(sha256.Finish()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, BeginsAnewAfterADigest) {
  Sha256 sha256;
  sha256.Update(Bytes("abc"));
  const Sha256Digest first = sha256.Finish();
  sha256.Update(Bytes("abc"));
  EXPECT_EQ(sha256.Finish(), first);
}

}  // namespace
}  // namespace bulkhead::base
