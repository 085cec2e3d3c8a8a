// SPDX-License-Identifier: Apache-2.0
#include "keys/tenant_key.h"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "keys/file_provider.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {
namespace {

TEST(TenantKey, HasANameThatProvidersTake) {
  EXPECT_EQ(TenantKeyName("0123abYZ").value(), "t0123ab-y-z");
  const auto longest = TenantKeyName(std::string(31, 'Z'));
  ASSERT_TRUE(longest.ok());
  EXPECT_TRUE(CheckKeyName(longest.value()).ok());
}

TEST(TenantKey, IsAnotherOneForAnIdThatDiffersInCaseAlone) {
  EXPECT_NE(TenantKeyName("tenantA").value(), TenantKeyName("tenanta").value());
}

TEST(TenantKey, IsNoneForWhatIsNoId) {
  for (const char* id : {"", "a-b", "a b", "../a", "\xC3\xA4"}) {
    EXPECT_EQ(TenantKeyName(id).error().code, base::Code::kInvalid) << id;
  }
  EXPECT_FALSE(TenantKeyName(std::string(32, 'a')).ok());
}

TEST(TenantKey, IsMadeByTheFirstSealAndNeverAgainOnceItWasDestroyed) {
  std::string folder = testing::TempDir() + "tenant-key-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto provider = OpenFileProvider(folder + "/keyring", std::nullopt).value();
  const Purpose purpose{"0123456789ABCDEF", "line-3", 1};
  constexpr std::array<std::byte, kDataKeyBytes> kKey{std::byte{7}};
  const auto first = WrapForTenant(*provider, purpose, kKey);
  ASSERT_TRUE(first.ok()) << first.error().detail;
  const std::string name = TenantKeyName(purpose.tenant).value();
  EXPECT_TRUE(provider->Unwrap(name, purpose, first.value()).ok());
  EXPECT_TRUE(WrapForTenant(*provider, purpose, kKey).ok());
  ASSERT_TRUE(provider->Destroy(name).ok());
  EXPECT_EQ(WrapForTenant(*provider, purpose, kKey).error().code, base::Code::kDenied);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bulkhead::keys
