// SPDX-License-Identifier: Apache-2.0
#include "tenant/rules.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

using base::Code;

constexpr int64_t kNow = 1'790'000'000'000;
constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;
const TenantId kPlant{"plant00000000000"};
const TenantId kCity{"city000000000000"};

// "ok", or the code's name.
template <typename T>
std::string Answer(const base::Result<T>& result) {
  return result.ok() ? "ok" : std::string(base::CodeName(result.error().code));
}

// A plant with two versions of one model, of which one is deployed, and a city with a model.
class Change : public ::testing::Test {
 protected:
  std::shared_ptr<const Directory> Now() { return Directory::Make(records_, nullptr, 0); }

  Tenant& plant() { return records_.tenants[0]; }
  Deployment Of(const std::string& model, Version version = 1) {
    return {.id = {"new"}, .tenant = kPlant, .model = {model}, .version = version};
  }

  Records records_{
      .tenants = {{.id = kPlant, .name = "plant"}, {.id = kCity, .name = "city"}},
      .keys = {{.id = {"key0"}, .tenant = kPlant, .label = "camera", .scopes = 3}},
      .models = {{.tenant = kPlant, .model = {"welds"}, .version = 1},
                 {.tenant = kPlant, .model = {"welds"}, .version = 4},
                 {.tenant = kPlant, .model = {"paint"}, .version = 1},
                 {.tenant = kCity, .model = {"plates"}, .version = 9}},
      .deployments = {{.id = {"d0"}, .tenant = kPlant, .model = {"welds"}, .version = 1}}};
};

TEST_F(Change, AddsATenantUnderANewNameWithASoundQuota) {
  const Tenant zoo{.id = {"zoo"}, .name = "zoo"};
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), zoo)), "ok");
  Tenant tenant = zoo;
  tenant.name = "plant";
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "conflict");
  tenant.name = "The Zoo";
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "invalid");
  tenant = zoo;
  tenant.id = kPlant;
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "conflict");
  tenant = zoo;
  tenant.quota.burst_seconds = 0;
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "invalid");
  tenant.quota.burst_seconds = kBurstSecondsMax + 1;
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "invalid");
  tenant = zoo;
  tenant.policy.tiers = {};
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "invalid");
  tenant.policy.tiers = {device::Tier::kCpu, device::Tier::kHard, device::Tier::kCpu};
  EXPECT_EQ(Answer(CheckNewTenant(*Now(), tenant)), "invalid");
}

TEST_F(Change, AddsAKeyThatCanBeUsed) {
  const Key good{.id = {"key1"}, .tenant = kPlant, .label = "line 3", .scopes = 1};
  EXPECT_EQ(Answer(CheckNewKey(*Now(), good, kNow)), "ok");
  Key key = good;
  key.label = "a\tb";
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "invalid");
  key = good;
  key.scopes = 0;
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "invalid");
  key.scopes = 8;
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "invalid");
  key = good;
  key.expires_unix_ms = kNow;
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "invalid");
  key = good;
  key.id = {"key0"};
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "conflict");
  key = good;
  key.tenant = {"zoo"};
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "not found");
}

TEST_F(Change, AddsKeysUpToTheLimit) {
  while (records_.keys.size() < kKeysPerTenantMax) {
    records_.keys.push_back(
        {.id = {"k" + std::to_string(records_.keys.size())}, .tenant = kPlant, .scopes = 1});
  }
  const Key key{.id = {"last"}, .tenant = kPlant, .scopes = 1};
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "exhausted");
  records_.keys.pop_back();
  EXPECT_EQ(Answer(CheckNewKey(*Now(), key, kNow)), "ok");
}

TEST_F(Change, RotatesAKeyWithBothWorkingForAWhile) {
  Key old = records_.keys[0];
  old.last_used_unix_ms = kNow - 1;
  const Key fresh{.id = {"key1"}, .secret_hmac = {std::byte{7}}};
  const auto rotation = PlanKeyRotation(*Now(), old, fresh, kNow, kDayMs);
  ASSERT_TRUE(rotation.ok());
  EXPECT_EQ(rotation.value().old.id, old.id);
  EXPECT_EQ(rotation.value().old.expires_unix_ms, kNow + kDayMs);
  EXPECT_EQ(rotation.value().fresh, (Key{.id = {"key1"},
                                         .tenant = kPlant,
                                         .label = "camera",
                                         .secret_hmac = {std::byte{7}},
                                         .scopes = 3,
                                         .created_unix_ms = kNow}));
}

TEST_F(Change, NeverProlongsAKeyByRotatingIt) {
  Key old = records_.keys[0];
  old.expires_unix_ms = kNow + 5;
  const Key fresh{.id = {"key1"}};
  const auto rotation = PlanKeyRotation(*Now(), old, fresh, kNow, kDayMs);
  ASSERT_TRUE(rotation.ok());
  EXPECT_EQ(rotation.value().old.expires_unix_ms, kNow + 5);
  EXPECT_EQ(rotation.value().fresh.expires_unix_ms, kNow + 5);
  EXPECT_EQ(Answer(PlanKeyRotation(*Now(), old, fresh, kNow + 5, 0)), "conflict");
  EXPECT_EQ(Answer(PlanKeyRotation(*Now(), old, fresh, kNow, -1)), "invalid");
  EXPECT_EQ(Answer(PlanKeyRotation(*Now(), old, fresh, kNow, kKeyOverlapMaxMs + 1)), "invalid");
  EXPECT_EQ(Answer(PlanKeyRotation(*Now(), old, old, kNow, 0)), "conflict");
}

TEST_F(Change, NumbersVersionsUpwards) {
  EXPECT_EQ(NextVersion(*Now(), kPlant, {"welds"}).value(), 5U);
  EXPECT_EQ(NextVersion(*Now(), kPlant, {"plates"}).value(), 1U);
  records_.models[1].version = UINT32_MAX;
  EXPECT_EQ(Answer(NextVersion(*Now(), kPlant, {"welds"})), "exhausted");
}

TEST_F(Change, DeploysWhereThePolicyAllows) {
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kCpu)), "ok");
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kSoft)), "denied");
  plant().policy.tiers = {device::Tier::kHard};
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kCpu)), "denied");
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kHard)), "ok");
  plant().suspended = true;
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kHard)), "denied");
}

TEST_F(Change, DeploysOnlyWhatTheTenantHas) {
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("welds", 4), device::Tier::kCpu)), "ok");
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("welds", 2), device::Tier::kCpu)), "not found");
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("plates", 9), device::Tier::kCpu)), "not found");
  Deployment none = Of("paint");
  none.replicas = 0;
  EXPECT_EQ(Answer(CanDeploy(*Now(), none, device::Tier::kCpu)), "invalid");
  none = Of("paint");
  none.tenant = {"zoo"};
  EXPECT_EQ(Answer(CanDeploy(*Now(), none, device::Tier::kCpu)), "not found");
}

TEST_F(Change, DeploysAsManyAsTheQuotaAllowsAtOnce) {
  plant().quota.deployments = 1;
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kCpu)), "exhausted");
  // A new version of the one that runs takes its place.
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("welds", 4), device::Tier::kCpu)), "ok");
  records_.deployments[0].loaded = false;
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("paint"), device::Tier::kCpu)), "ok");
  plant().quota.deployments = 0;
  EXPECT_EQ(Answer(CanDeploy(*Now(), Of("welds", 4), device::Tier::kCpu)), "exhausted");
}

TEST_F(Change, RemovesNoVersionThatIsDeployed) {
  EXPECT_EQ(Answer(CanRemoveVersion(*Now(), kPlant, {"welds"}, 1)), "conflict");
  EXPECT_EQ(Answer(CanRemoveVersion(*Now(), kPlant, {"welds"}, 4)), "ok");
  EXPECT_EQ(Answer(CanRemoveVersion(*Now(), kPlant, {"welds"}, 2)), "not found");
  EXPECT_EQ(Answer(CanRemoveVersion(*Now(), kPlant, {"plates"}, 9)), "not found");
}

}  // namespace
}  // namespace bulkhead::tenant
