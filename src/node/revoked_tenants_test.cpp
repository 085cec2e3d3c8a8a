// SPDX-License-Identifier: Apache-2.0
#include "node/revoked_tenants.h"

#include <fstream>

#include <gtest/gtest.h>

#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;

class RevokedTenantsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.path() + "/revoked"; }
  TestFolder folder_;
};

TEST_F(RevokedTenantsTest, StayRevokedOverARestart) {
  auto revoked = RevokedTenants::Open(path()).value();
  EXPECT_FALSE(revoked.Has("a"));
  ASSERT_TRUE(revoked.Set("a", true).ok());
  ASSERT_TRUE(revoked.Set("b", true).ok());
  ASSERT_TRUE(revoked.Set("a", false).ok());
  EXPECT_FALSE(revoked.Has("a"));
  const auto again = RevokedTenants::Open(path()).value();
  EXPECT_FALSE(again.Has("a"));
  EXPECT_TRUE(again.Has("b"));
}

TEST_F(RevokedTenantsTest, AreNotForgottenWhenTheirFileIsDamaged) {
  auto revoked = RevokedTenants::Open(path()).value();
  ASSERT_TRUE(revoked.Set("a", true).ok());
  for (const char* text :
       {"", "a\n", "bulkhead revoked tenants 1\na", "bulkhead revoked tenants 1\n../a\n"}) {
    std::ofstream(path(), std::ios::trunc) << text;
    EXPECT_EQ(RevokedTenants::Open(path()).error().code, Code::kCorrupt) << text;
  }
}

TEST_F(RevokedTenantsTest, StayAsTheyWereWhenTheyCannotBeWritten) {
  auto revoked = RevokedTenants::Open(folder_.path() + "/missing/revoked").value();
  EXPECT_FALSE(revoked.Set("a", true).ok());
  EXPECT_FALSE(revoked.Has("a"));
  EXPECT_EQ(revoked.Set("a b", true).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::node
