// SPDX-License-Identifier: Apache-2.0
#include "tenant/scopes.h"

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

TEST(Scopes, AreWrittenInOneOrderAndReadInAny) {
  for (Scopes scopes = 1; scopes < 8; ++scopes) {
    const auto parsed = ParseScopes(FormatScopes(scopes));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value(), scopes);
  }
  const auto parsed = ParseScopes("manage,infer");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(FormatScopes(parsed.value()), "infer,manage");
  EXPECT_TRUE(Allows(parsed.value(), Scope::kInfer));
  EXPECT_FALSE(Allows(parsed.value(), Scope::kRead));
  EXPECT_TRUE(Allows(parsed.value(), Scope::kManage));
}

TEST(Scopes, AreRefusedWhenUnknownRepeatedOrNone) {
  for (const char* text : {"", ",", "infer,", ",infer", "infer,,read", "infer,infer", "Infer",
                           "infer read", "admin"}) {
    const auto parsed = ParseScopes(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, base::Code::kInvalid);
  }
}

}  // namespace
}  // namespace bulkhead::tenant
