// SPDX-License-Identifier: Apache-2.0
// What every Store promises of records.
#include "store_contract.h"

#include <cstdint>
#include <limits>
#include <thread>

namespace bulkhead::store {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_P(StoreContract, IsEmptyAtRevisionZeroAtFirst) {
  const Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.revision, 0U);
  EXPECT_THAT(snapshot.tenants, IsEmpty());
  EXPECT_THAT(snapshot.keys, IsEmpty());
  EXPECT_THAT(snapshot.models, IsEmpty());
  EXPECT_THAT(snapshot.last_versions, IsEmpty());
  EXPECT_THAT(snapshot.deployments, IsEmpty());
}

TEST_P(StoreContract, GivesBackWhatWasPutAfterItWasClosed) {
  auto tenant = ATenant("A");
  tenant.suspended = true;
  tenant.quota = {10, 20, 30, 40, 50, 6};
  tenant.policy.tiers = {device::Tier::kSoft, device::Tier::kHard};
  auto key = AKey("K", "A");
  key.expires_unix_ms = 5;
  key.last_used_unix_ms = 6;
  auto deployment = ADeployment("D", "A", "m", 1);
  deployment.loaded = false;
  ASSERT_EQ(Apply({Put(tenant), Put(key), Put(AModel("A", "m", 1)), Put(deployment)}),
            std::nullopt);
  store_.reset();
  store_ = Open();
  ASSERT_NE(store_, nullptr);
  const Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.revision, 1U);
  EXPECT_THAT(snapshot.tenants, ElementsAre(tenant));
  EXPECT_THAT(snapshot.keys, ElementsAre(key));
  EXPECT_THAT(snapshot.models, ElementsAre(AModel("A", "m", 1)));
  EXPECT_THAT(snapshot.last_versions, ElementsAre(LastVersion{{"A"}, {"m"}, 1}));
  EXPECT_THAT(snapshot.deployments, ElementsAre(deployment));
}

TEST_P(StoreContract, KeepsEveryNumberOfItsType) {
  constexpr auto kMost32 = std::numeric_limits<uint32_t>::max();
  constexpr auto kMost64 = std::numeric_limits<uint64_t>::max();
  constexpr auto kLeast = std::numeric_limits<int64_t>::min();
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  auto tenant = ATenant("A");
  tenant.quota = {kMost32, kMost64, kMost64, kMost32, kMost32, kMost32};
  tenant.created_unix_ms = kLeast;
  auto key = AKey("K", "A");
  key.scopes = 255;
  key.created_unix_ms = kMost;
  key.expires_unix_ms = kLeast;
  key.last_used_unix_ms = kMost;
  auto model = AModel("A", "m", kMost32);
  model.bytes = kMost64;
  model.created_unix_ms = kLeast;
  auto deployment = ADeployment("D", "A", "m", kMost32);
  deployment.replicas = kMost32;
  ASSERT_EQ(Apply({Put(tenant), Put(key), Put(model), Put(deployment)}), std::nullopt);
  const Snapshot snapshot = Load();
  EXPECT_THAT(snapshot.tenants, ElementsAre(tenant));
  EXPECT_THAT(snapshot.keys, ElementsAre(key));
  EXPECT_THAT(snapshot.models, ElementsAre(model));
  EXPECT_THAT(snapshot.deployments, ElementsAre(deployment));
}

TEST_P(StoreContract, KeepsZerosApartFromNothing) {
  auto tenant = ATenant("A");
  tenant.quota = {0, 0, 0, 0, 0, 0};
  tenant.policy.tiers = {};
  auto key = AKey("K", "A");
  key.label = "";
  key.secret_hmac = {};
  key.expires_unix_ms = 0;
  ASSERT_EQ(Apply({Put(tenant), Put(key)}), std::nullopt);
  EXPECT_THAT(Load().tenants, ElementsAre(tenant));
  EXPECT_THAT(Load().keys, ElementsAre(key));
}

TEST_P(StoreContract, KeepsAnyCharactersOfALabel) {
  auto key = AKey("K", "A");
  key.label = "Linie 3 \xE2\x80\x93 \xF0\x9F\x9A\xA2 \"it's\"; DROP TABLE keys; -- \\ $1 %s \n\x01";
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(key)}), std::nullopt);
  EXPECT_THAT(Load().keys, ElementsAre(key));
}

TEST_P(StoreContract, RefusesTextsThatAreNoUtf8OrHoldANul) {
  auto key = AKey("K", "A");
  for (const std::string& label : {std::string("\xFF"), std::string("a\0b", 3)}) {
    key.label = label;
    EXPECT_EQ(Apply({Put(ATenant("A")), Put(key)}), Code::kInvalid);
  }
  EXPECT_EQ(Load().revision, 0U);
}

TEST_P(StoreContract, TellsIdsApartByTheirCase) {
  ASSERT_EQ(Apply({Put(ATenant("a")), Put(ATenant("A")), Put(ATenant("B"))}), std::nullopt);
  EXPECT_THAT(Load().tenants, ElementsAre(ATenant("A"), ATenant("B"), ATenant("a")));
}

TEST_P(StoreContract, PutsARecordInThePlaceOfTheOneWithItsId) {
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(AKey("K", "A")), Put(AModel("A", "m", 1)),
                   Put(AModel("A", "m", 2)), Put(ADeployment("D", "A", "m", 1))}),
            std::nullopt);
  auto tenant = ATenant("A");
  tenant.name = "renamed";
  tenant.quota.frames_per_month = 9;
  auto key = AKey("K", "A");
  key.label = "other";
  auto deployment = ADeployment("D", "A", "m", 2);
  deployment.replicas = 5;
  ASSERT_EQ(Apply({Put(tenant), Put(key), Put(deployment)}), std::nullopt);
  const Snapshot snapshot = Load();
  EXPECT_THAT(snapshot.tenants, ElementsAre(tenant));
  EXPECT_THAT(snapshot.keys, ElementsAre(key));
  EXPECT_THAT(snapshot.deployments, ElementsAre(deployment));
  EXPECT_EQ(snapshot.models.size(), 2U);
}

TEST_P(StoreContract, LeavesARecordWithTheTenantAndModelItWasPutFor) {
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(ATenant("B")), Put(AKey("K", "A")),
                   Put(AModel("A", "m", 1)), Put(AModel("A", "n", 1)), Put(AModel("B", "m", 1)),
                   Put(ADeployment("D", "A", "m", 1))}),
            std::nullopt);
  EXPECT_EQ(Apply({Put(AKey("K", "B"))}), Code::kConflict);
  EXPECT_EQ(Apply({Put(ADeployment("D", "B", "m", 1))}), Code::kConflict);
  EXPECT_EQ(Apply({Put(ADeployment("D", "A", "n", 1))}), Code::kConflict);
  EXPECT_EQ(Load().revision, 1U);
}

TEST_P(StoreContract, AppliesAllChangesInOrderOrNone) {
  EXPECT_EQ(Apply({Put(ATenant("A")), Put(AKey("K", "A")), RemoveTenant{{"other"}}}),
            Code::kNotFound);
  EXPECT_EQ(Load().revision, 0U);
  EXPECT_THAT(Load().tenants, IsEmpty());
  ASSERT_EQ(Apply({Put(ATenant("A")), RemoveTenant{{"A"}}, Put(ATenant("A"))}), std::nullopt);
  EXPECT_THAT(Load().tenants, ElementsAre(ATenant("A")));
}

TEST_P(StoreContract, AppliesOnlyAtTheRevisionThatTheCallerKnows) {
  const std::vector<Change> first{Put(ATenant("A"))};
  const std::vector<Change> second{Put(ATenant("B"))};
  ASSERT_TRUE(store_->Apply(0, first).ok());
  for (const uint64_t wrong : {uint64_t{0}, uint64_t{2}, UINT64_MAX}) {
    const auto refused = store_->Apply(wrong, second);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Code::kConflict);
  }
  EXPECT_THAT(Load().tenants, ElementsAre(ATenant("A")));
}

TEST_P(StoreContract, LeavesTheRevisionWithoutAChange) {
  ASSERT_EQ(Apply({}), std::nullopt);
  EXPECT_EQ(store_->Revision().value(), 0U);
  const auto refused = store_->Apply(1, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
}

TEST_P(StoreContract, ShowsOneConnectionWhatAnotherApplied) {
  const auto other = Open();
  ASSERT_NE(other, nullptr);
  ASSERT_EQ(Apply({Put(ATenant("A"))}), std::nullopt);
  EXPECT_EQ(other->Revision().value(), 1U);
  EXPECT_THAT(LoadFrom(*other).tenants, ElementsAre(ATenant("A")));
}

TEST_P(StoreContract, LetsOneWinOfManyThatApplyAtTheSameRevision) {
  constexpr int kConnections = 4;
  constexpr int kRounds = 8;
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < kConnections; ++i) stores.push_back(Open());
  for (uint64_t round = 0; round < kRounds; ++round) {
    std::vector<std::optional<Code>> failures(kConnections);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kConnections; ++i) {
      threads.emplace_back([&, i] {
        const std::vector<Change> changes{
            Put(ATenant(std::to_string(round) + "-" + std::to_string(i)))};
        const auto applied = stores[i]->Apply(round, changes);
        if (!applied.ok()) failures[i] = applied.error().code;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(failures, UnorderedElementsAre(std::nullopt, Code::kConflict, Code::kConflict,
                                               Code::kConflict));
    EXPECT_EQ(Load().tenants.size(), round + 1);
  }
}

TEST_P(StoreContract, ServesSeveralThreadsOverOneConnection) {
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (std::size_t i = 0; i < failures.size(); ++i) {
    threads.emplace_back([&, i] {
      for (uint64_t n = 0; n < 10; ++n) {
        failures[i] += store_->AddUsage("ledger " + std::to_string(i), n, n + 1, {}).ok() ? 0 : 1;
        failures[i] += store_->Load().ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(failures, testing::Each(0));
}

TEST_P(StoreContract, TakesATenantsNameOnce) {
  ASSERT_EQ(Apply({Put(ATenant("A"))}), std::nullopt);
  auto other = ATenant("B");
  other.name = ATenant("A").name;
  EXPECT_EQ(Apply({Put(other)}), Code::kConflict);
  EXPECT_EQ(Apply({RemoveTenant{{"A"}}, Put(other)}), std::nullopt);
}

TEST_P(StoreContract, TakesOneDeploymentOfAModel) {
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(AModel("A", "m", 1)), Put(AModel("A", "m", 2)),
                   Put(ADeployment("D", "A", "m", 1))}),
            std::nullopt);
  EXPECT_EQ(Apply({Put(ADeployment("E", "A", "m", 2))}), Code::kConflict);
}

TEST_P(StoreContract, NeverTakesAVersionAgainNorOneBelowTheLast) {
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(AModel("A", "m", 3))}), std::nullopt);
  EXPECT_EQ(Apply({Put(AModel("A", "m", 3))}), Code::kConflict);
  EXPECT_EQ(Apply({Put(AModel("A", "m", 2))}), Code::kConflict);
  ASSERT_EQ(Apply({RemoveModelVersion{{"A"}, {"m"}, 3}}), std::nullopt);
  EXPECT_EQ(Apply({Put(AModel("A", "m", 3))}), Code::kConflict);
  EXPECT_THAT(Load().models, IsEmpty());
  EXPECT_THAT(Load().last_versions, ElementsAre(LastVersion{{"A"}, {"m"}, 3}));
  EXPECT_EQ(Apply({Put(AModel("A", "m", 4)), Put(AModel("A", "n", 1))}), std::nullopt);
}

TEST_P(StoreContract, PutsNothingForATenantOrModelThatIsNotThere) {
  EXPECT_EQ(Apply({Put(AKey("K", "A"))}), Code::kNotFound);
  EXPECT_EQ(Apply({Put(AModel("A", "m", 1))}), Code::kNotFound);
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(AModel("A", "m", 1))}), std::nullopt);
  EXPECT_EQ(Apply({Put(ADeployment("D", "A", "m", 2))}), Code::kNotFound);
  EXPECT_EQ(Apply({Put(ADeployment("D", "B", "m", 1))}), Code::kNotFound);
}

TEST_P(StoreContract, RemovesNothingThatIsNotThere) {
  EXPECT_EQ(Apply({RemoveTenant{{"A"}}}), Code::kNotFound);
  EXPECT_EQ(Apply({RemoveKey{{"K"}}}), Code::kNotFound);
  EXPECT_EQ(Apply({RemoveModelVersion{{"A"}, {"m"}, 1}}), Code::kNotFound);
  EXPECT_EQ(Apply({RemoveDeployment{{"D"}}}), Code::kNotFound);
  EXPECT_EQ(Load().revision, 0U);
}

TEST_P(StoreContract, RemovesWhatIsATenantsOwnWithIt) {
  for (const std::string tenant : {"A", "B"}) {
    ASSERT_EQ(Apply({Put(ATenant(tenant)), Put(AKey("K" + tenant, tenant)),
                     Put(AModel(tenant, "m", 1)), Put(ADeployment("D" + tenant, tenant, "m", 1))}),
              std::nullopt);
  }
  ASSERT_EQ(Apply({RemoveTenant{{"A"}}}), std::nullopt);
  const Snapshot snapshot = Load();
  EXPECT_THAT(snapshot.tenants, ElementsAre(ATenant("B")));
  EXPECT_THAT(snapshot.keys, ElementsAre(AKey("KB", "B")));
  EXPECT_THAT(snapshot.models, ElementsAre(AModel("B", "m", 1)));
  EXPECT_THAT(snapshot.last_versions, ElementsAre(LastVersion{{"B"}, {"m"}, 1}));
  EXPECT_THAT(snapshot.deployments, ElementsAre(ADeployment("DB", "B", "m", 1)));
}

TEST_P(StoreContract, RemovesOneThingAlone) {
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(AKey("J", "A")), Put(AKey("K", "A")),
                   Put(AModel("A", "m", 1)), Put(AModel("A", "m", 2)), Put(AModel("A", "n", 1)),
                   Put(ADeployment("D", "A", "m", 2)), Put(ADeployment("E", "A", "n", 1))}),
            std::nullopt);
  ASSERT_EQ(Apply({RemoveKey{{"J"}}, RemoveModelVersion{{"A"}, {"m"}, 1}, RemoveDeployment{{"E"}}}),
            std::nullopt);
  const Snapshot snapshot = Load();
  EXPECT_THAT(snapshot.keys, ElementsAre(AKey("K", "A")));
  EXPECT_THAT(snapshot.models, ElementsAre(AModel("A", "m", 2), AModel("A", "n", 1)));
  EXPECT_THAT(snapshot.deployments, ElementsAre(ADeployment("D", "A", "m", 2)));
}

TEST_P(StoreContract, KeepsAVersionWhileItIsDeployed) {
  ASSERT_EQ(
      Apply({Put(ATenant("A")), Put(AModel("A", "m", 1)), Put(ADeployment("D", "A", "m", 1))}),
      std::nullopt);
  EXPECT_EQ(Apply({RemoveModelVersion{{"A"}, {"m"}, 1}}), Code::kConflict);
  EXPECT_EQ(Apply({RemoveDeployment{{"D"}}, RemoveModelVersion{{"A"}, {"m"}, 1}}), std::nullopt);
}

TEST_P(StoreContract, KeepsTheLatestUseOfAKeyWithoutANewRevision) {
  ASSERT_EQ(Apply({Put(ATenant("A")), Put(AKey("J", "A")), Put(AKey("K", "A"))}), std::nullopt);
  const std::vector<KeyUse> uses{{{"J"}, 100}, {{"unknown"}, 100}, {{"K"}, 7}, {{"J"}, 50}};
  ASSERT_TRUE(store_->TouchKeys(uses).ok());
  EXPECT_TRUE(store_->TouchKeys({}).ok());
  auto put_later = AKey("K", "A");
  put_later.label = "was loaded before the key was used";
  EXPECT_EQ(store_->Revision().value(), 1U);
  ASSERT_EQ(Apply({Put(put_later)}), std::nullopt);
  const Snapshot snapshot = Load();
  ASSERT_EQ(snapshot.keys.size(), 2U);
  EXPECT_EQ(snapshot.keys[0].last_used_unix_ms, 100);
  EXPECT_EQ(snapshot.keys[1].last_used_unix_ms, 7);
  EXPECT_EQ(snapshot.keys[1].label, put_later.label);
}

TEST_P(StoreContract, HoldsAThousandTenantsWithTwoKeysEach) {
  constexpr std::size_t kTenants = 1000;
  std::vector<Change> changes;
  for (std::size_t i = 0; i < kTenants; ++i) {
    const std::string id = "t" + std::to_string(i);
    changes.emplace_back(Put(ATenant(id)));
    changes.emplace_back(Put(AKey("j" + std::to_string(i), id)));
    changes.emplace_back(Put(AKey("k" + std::to_string(i), id)));
  }
  ASSERT_EQ(Apply(changes), std::nullopt);
  const Snapshot snapshot = Load();
  EXPECT_EQ(snapshot.revision, 1U);
  EXPECT_EQ(snapshot.tenants.size(), kTenants);
  EXPECT_EQ(snapshot.keys.size(), 2 * kTenants);
}

}  // namespace
}  // namespace bulkhead::store
