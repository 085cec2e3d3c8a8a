// SPDX-License-Identifier: Apache-2.0
#include "http/address.h"

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

TEST(Address, IsAPortWithOrWithoutAHost) {
  EXPECT_EQ(ParseAddress(":8000").value().host, "");
  EXPECT_EQ(ParseAddress(":8000").value().port, 8000);
  EXPECT_EQ(ParseAddress("127.0.0.1:0").value().host, "127.0.0.1");
  EXPECT_EQ(ParseAddress("[::1]:65535").value().host, "::1");
}

TEST(Address, IsRefusedWhereThePortIsNoneOrTheHostUnclear) {
  for (const char* text :
       {"", "8000", ":", ":x", ":65536", ":-1", "::1:80", "[127.0.0.1]:80", "[::1:80", ":80 "}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace bulkhead::http
