// SPDX-License-Identifier: Apache-2.0
#include "base/hkdf_expand.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::base {
namespace {

// From Python's cryptography 48, HKDFExpand: RFC 5869 has no examples with SHA-384.
TEST(HkdfExpandSha384, AgreesWithAnotherLibrary) {
  std::vector<std::byte> key(48, std::byte{0x0B});
  const std::vector<std::byte> info(10, std::byte{0xF0});
  std::array<std::byte, 100> out{};
  HkdfExpandSha384(key, info, out);
  EXPECT_EQ(Hex(out),
            "9969027cdd815dcfd6ef6c0a749c9666e7544fe103ce209030a8ca59b0f792ed"
            "8552788424049bf2fe66f738142459c0fb4dc4e14abf94ec26005be5e3d35aca"
            "2e6112d09c8cb940a06aee6298f07cf771209617c444019b4641b42a603cdb08"
            "aff8b024");
  HkdfExpandSha384(key, {}, std::span(out).first(32));
  EXPECT_EQ(Hex(std::span(out).first(32)),
            "b9bb0ceafa212f785162ff0b6c9f4ef9d92e8d20dfa4bab0b081dace79147698");
}

}  // namespace
}  // namespace bulkhead::base
