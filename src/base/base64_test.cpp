// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

std::string Encoded(std::string_view text) { return Base64(std::as_bytes(std::span(text))); }

TEST(Base64, GivesTheVectorsOfItsRfc) {
  // RFC 4648, section 10.
  EXPECT_EQ(Encoded(""), "");
  EXPECT_EQ(Encoded("f"), "Zg==");
  EXPECT_EQ(Encoded("fo"), "Zm8=");
  EXPECT_EQ(Encoded("foo"), "Zm9v");
  EXPECT_EQ(Encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(Encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(Encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, ReadsBackWhatItWrote) {
  std::vector<std::byte> bytes;
  for (int value = 0; value < 300; ++value) {
    EXPECT_EQ(ParseBase64(Base64(bytes)), bytes);
    bytes.push_back(static_cast<std::byte>(value * 7));
  }
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"Zg=", "Zg", "Zh==", "Zm9=", "Zm9v\n", "Zm-_",
                           "=Zg=", "====", "Z===", "Zg==Zg==", "Zm 9"}) {
    EXPECT_EQ(ParseBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bulkhead::base
