// SPDX-License-Identifier: Apache-2.0
#include "tenant/directory.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

const TenantId kPlant{"plant00000000000"};
const TenantId kCity{"city000000000000"};

Deployment Deployed(const std::string& id, const TenantId& tenant, const std::string& model) {
  return {.id = {id}, .tenant = tenant, .model = {model}};
}

Records TwoTenants() {
  return {.tenants = {{.id = kPlant, .name = "plant"}, {.id = kCity, .name = "city"}},
          .keys = {{.id = {"key2"}, .tenant = kPlant},
                   {.id = {"key1"}, .tenant = kCity},
                   {.id = {"key0"}, .tenant = kPlant}},
          .models = {{.tenant = kPlant, .model = {"welds"}, .version = 2},
                     {.tenant = kCity, .model = {"plates"}, .version = 1},
                     {.tenant = kPlant, .model = {"paint"}, .version = 7},
                     {.tenant = kPlant, .model = {"welds"}, .version = 1}},
          .deployments = {Deployed("d2", kPlant, "welds"), Deployed("d1", kCity, "plates"),
                          Deployed("d0", kPlant, "paint")}};
}

std::shared_ptr<const Directory> Make(Records records, const Directory* before = nullptr) {
  return Directory::Make(std::move(records), before, 0);
}

TEST(Directory, FindsWhatThereIsByItsIdentity) {
  const auto directory = Make(TwoTenants());
  ASSERT_NE(directory->FindTenant(kPlant), nullptr);
  EXPECT_EQ(directory->FindTenant(kPlant)->name, "plant");
  ASSERT_NE(directory->FindTenantByName("city"), nullptr);
  EXPECT_EQ(directory->FindTenantByName("city")->id, kCity);
  ASSERT_NE(directory->FindKey({"key1"}), nullptr);
  EXPECT_EQ(directory->FindKey({"key1"})->tenant, kCity);
  ASSERT_NE(directory->FindVersion(kPlant, {"welds"}, 2), nullptr);
  EXPECT_EQ(directory->FindVersion(kPlant, {"welds"}, 2)->version, 2U);
  ASSERT_NE(directory->FindDeployment(kPlant, {"paint"}), nullptr);
  EXPECT_EQ(directory->FindDeployment(kPlant, {"paint"})->id.text, "d0");
  ASSERT_NE(directory->FindDeployment({"d1"}), nullptr);
  EXPECT_EQ(directory->FindDeployment({"d1"})->model.text, "plates");
}

TEST(Directory, FindsNothingElse) {
  const auto directory = Make(TwoTenants());
  EXPECT_EQ(directory->FindTenant({"plant"}), nullptr);
  EXPECT_EQ(directory->FindTenantByName("plan"), nullptr);
  EXPECT_EQ(directory->FindTenantByName("zoo"), nullptr);
  EXPECT_EQ(directory->FindKey({"key"}), nullptr);
  EXPECT_EQ(directory->FindKey({"key3"}), nullptr);
  EXPECT_EQ(directory->FindVersion(kPlant, {"welds"}, 3), nullptr);
  EXPECT_EQ(directory->FindDeployment({"d3"}), nullptr);
  EXPECT_EQ(directory->FindAdmission({"zoo"}), nullptr);
  const auto empty = Make({});
  EXPECT_EQ(empty->FindKey({"key1"}), nullptr);
  EXPECT_TRUE(empty->Tenants().empty());
}

// ISOLATION: what the city has, the plant cannot find, by whatever name.
TEST(Directory, ShowsATenantItsOwnOnly) {
  const auto directory = Make(TwoTenants());
  EXPECT_EQ(directory->FindVersion(kPlant, {"plates"}, 1), nullptr);
  EXPECT_EQ(directory->FindDeployment(kPlant, {"plates"}), nullptr);
  EXPECT_TRUE(directory->VersionsOf(kPlant, {"plates"}).empty());
  for (const Key& key : directory->KeysOf(kPlant)) EXPECT_EQ(key.tenant, kPlant);
  for (const ModelVersion& model : directory->ModelsOf(kPlant)) EXPECT_EQ(model.tenant, kPlant);
  EXPECT_EQ(directory->KeysOf(kPlant).size(), 2U);
  EXPECT_EQ(directory->ModelsOf(kPlant).size(), 3U);
  EXPECT_EQ(directory->DeploymentsOf(kPlant).size(), 2U);
  EXPECT_EQ(directory->Deployments().size(), 3U);
}

TEST(Directory, ListsInOrder) {
  const auto directory = Make(TwoTenants());
  EXPECT_EQ(directory->Tenants()[0].name, "city");
  EXPECT_EQ(directory->KeysOf(kPlant)[0].id.text, "key0");
  EXPECT_EQ(directory->ModelsOf(kPlant)[0].model.text, "paint");
  const auto versions = directory->VersionsOf(kPlant, {"welds"});
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].version, 1U);
  EXPECT_EQ(versions[1].version, 2U);
  EXPECT_EQ(directory->DeploymentsOf(kPlant)[1].model.text, "welds");
}

TEST(Directory, LeavesOutWhatBelongsToNobody) {
  Records records = TwoTenants();
  std::erase_if(records.tenants, [](const Tenant& tenant) { return tenant.id == kCity; });
  const auto directory = Make(std::move(records));
  EXPECT_EQ(directory->FindKey({"key1"}), nullptr);
  EXPECT_TRUE(directory->ModelsOf(kCity).empty());
  EXPECT_EQ(directory->FindDeployment({"d1"}), nullptr);
}

TEST(Directory, KeepsTheLaterOfTwoWithOneIdentity) {
  Records records = TwoTenants();
  records.tenants.push_back({.id = kPlant, .name = "works"});
  records.keys.push_back({.id = {"key0"}, .tenant = kPlant, .label = "later"});
  records.models.push_back({.tenant = kPlant, .model = {"welds"}, .version = 1, .bytes = 9});
  records.deployments.push_back(Deployed("d9", kPlant, "welds"));
  records.deployments.push_back(Deployed("d0", kPlant, "glue"));
  const auto directory = Make(std::move(records));
  EXPECT_EQ(directory->Tenants().size(), 2U);
  EXPECT_EQ(directory->FindTenant(kPlant)->name, "works");
  EXPECT_EQ(directory->FindTenantByName("plant"), nullptr);
  EXPECT_EQ(directory->FindKey({"key0"})->label, "later");
  EXPECT_EQ(directory->FindVersion(kPlant, {"welds"}, 1)->bytes, 9U);
  EXPECT_EQ(directory->FindDeployment(kPlant, {"welds"})->id.text, "d9");
  EXPECT_EQ(directory->FindDeployment({"d2"}), nullptr);
  EXPECT_EQ(directory->FindDeployment({"d0"})->model.text, "glue");
  EXPECT_EQ(directory->FindDeployment(kPlant, {"paint"}), nullptr);
}

TEST(Directory, KeepsWhatATenantUsedAcrossAReload) {
  Records records = TwoTenants();
  records.tenants[0].quota.frames_per_month = 10;
  const auto before = Make(records);
  AdmitResult admitted = Admit(before->FindAdmission(kPlant), Now{}, {.frames = 8});
  ASSERT_TRUE(std::holds_alternative<Ticket>(admitted));
  std::get<Ticket>(admitted).Commit(0, 8);

  records.tenants[0].name = "works";
  records.tenants[0].quota.frames_per_month = 9;
  std::erase_if(records.tenants, [](const Tenant& tenant) { return tenant.id == kCity; });
  const auto after = Make(records, before.get());
  const auto admission = after->FindAdmission(kPlant);
  EXPECT_EQ(admission->UsedThisMonth(0), 8U);
  EXPECT_TRUE(std::holds_alternative<Refusal>(Admit(admission, Now{}, {.frames = 2})));
  EXPECT_TRUE(std::holds_alternative<Ticket>(Admit(admission, Now{}, {.frames = 1})));
  EXPECT_EQ(after->FindAdmission(kCity), nullptr);
}

TEST(Directory, IsUnchangedForWhoeverStillHoldsIt) {
  const auto before = Make(TwoTenants());
  const Key* const key = before->FindKey({"key1"});
  Records records = TwoTenants();
  records.keys.clear();
  const auto after = Make(records, before.get());
  EXPECT_EQ(after->FindKey({"key1"}), nullptr);
  EXPECT_EQ(before->FindKey({"key1"}), key);
  EXPECT_EQ(key->tenant, kCity);
}

TEST(Directory, KnowsAThousandTenantsWithTwoKeysEach) {
  Records records;
  for (int i = 0; i < 1000; ++i) {
    const int shuffled = i * 617 % 1000;
    const TenantId id{"t" + std::to_string(shuffled)};
    records.tenants.push_back({.id = id, .name = "tenant-" + std::to_string(shuffled)});
    for (const char* key : {"a", "b"}) {
      records.keys.push_back({.id = {key + std::to_string(shuffled)}, .tenant = id});
    }
  }
  const auto directory = Make(std::move(records));
  std::set<const Admission*> admissions;
  for (int i = 0; i < 1000; ++i) {
    const TenantId id{"t" + std::to_string(i)};
    ASSERT_NE(directory->FindTenantByName("tenant-" + std::to_string(i)), nullptr) << i;
    EXPECT_EQ(directory->FindTenantByName("tenant-" + std::to_string(i))->id, id);
    for (const char* prefix : {"a", "b"}) {
      const Key* const key = directory->FindKey({prefix + std::to_string(i)});
      ASSERT_NE(key, nullptr) << i;
      EXPECT_EQ(key->tenant, id);
    }
    EXPECT_EQ(directory->KeysOf(id).size(), 2U);
    admissions.insert(directory->FindAdmission(id).get());
  }
  EXPECT_EQ(admissions.size(), 1000U);
}

}  // namespace
}  // namespace bulkhead::tenant
