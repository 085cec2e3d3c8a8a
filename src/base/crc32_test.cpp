// SPDX-License-Identifier: Apache-2.0
#include "base/crc32.h"

#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

TEST(Crc32, AgreesWithTheCataloguesCheckValue) {
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(Crc32(""), 0U);
  EXPECT_EQ(Crc32(std::string_view("\0\xff\x80", 3)), 0x81DDA740U);
}

}  // namespace
}  // namespace bulkhead::base
