// SPDX-License-Identifier: Apache-2.0
// What every Store promises of the history of use, and of databases of earlier releases.
#include <cstdint>
#include <string>
#include <vector>

#include "store_contract.h"

namespace bulkhead::store {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kHour = 3'600'000;

UseRow ARow(const std::string& deployment, int64_t hour, const std::string& writer = "w1") {
  UseRow row;
  row.deployment = {deployment};
  row.hour_unix_ms = hour * kHour;
  row.profile = "2g.10gb";
  row.device = "GPU-a/3";
  row.writer = writer;
  row.gpu_model = "NVIDIA A100-SXM4-40GB";
  row.engine_active = {std::byte{1}, std::byte{0}, std::byte{255}};
  row.dram_active = {};
  row.memory_used_max_kib = UINT64_MAX;
  row.frames = 7;
  row.p99_us = 25'000;
  return row;
}

std::vector<UseRow> All(Store& store, const UseQuery& query = {}) {
  auto rows = store.use_history().Use(query);
  EXPECT_TRUE(rows.ok()) << (rows.ok() ? "" : rows.error().detail);
  return rows.ok() ? std::move(rows).value() : std::vector<UseRow>{};
}

bool Write(Store& store, const std::vector<UseRow>& rows, int64_t forget_before = INT64_MIN) {
  const base::Status written = store.use_history().PutUse(rows, forget_before);
  EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().detail);
  return written.ok();
}

TEST_P(StoreContract, KeepsAnHourOfUseAsItWasPut) {
  EXPECT_THAT(All(*store_), IsEmpty());
  auto silent = ARow("d", 2);
  silent.p99_us.reset();
  ASSERT_TRUE(Write(*store_, {silent, ARow("d", 1)}));
  EXPECT_THAT(All(*Open()), ElementsAre(ARow("d", 1), silent));
}

TEST_P(StoreContract, CountsAnHourThatIsPutAgainOnce) {
  ASSERT_TRUE(Write(*store_, {ARow("d", 1)}));
  auto later = ARow("d", 1);
  later.frames = 9;
  later.engine_active = {std::byte{5}};
  later.gpu_model.clear();
  later.p99_us.reset();
  ASSERT_TRUE(Write(*store_, {later}));
  ASSERT_TRUE(Write(*store_, {later}));
  EXPECT_THAT(All(*store_), ElementsAre(later));
}

TEST_P(StoreContract, TellsWritersDevicesAndProfilesOfAnHourApart) {
  auto device = ARow("d", 1);
  device.device = "";
  auto profile = ARow("d", 1);
  profile.profile = "1g.5gb";
  ASSERT_TRUE(Write(*store_, {ARow("d", 1, "w2"), device, profile, ARow("d", 1)}));
  EXPECT_THAT(All(*store_), ElementsAre(profile, device, ARow("d", 1), ARow("d", 1, "w2")));
}

TEST_P(StoreContract, GivesUseByDeploymentAndRange) {
  ASSERT_TRUE(Write(*store_, {ARow("b", 3), ARow("a", 1), ARow("a", 2), ARow("a", 3)}));
  EXPECT_THAT(All(*store_, {{}, 2 * kHour, 3 * kHour}), ElementsAre(ARow("a", 2)));
  const UseQuery of_b{tenant::DeploymentId{"b"}};
  EXPECT_THAT(All(*store_, of_b), ElementsAre(ARow("b", 3)));
}

TEST_P(StoreContract, ForgetsOldHoursOfAllWriters) {
  ASSERT_TRUE(Write(*store_, {ARow("a", 1, "gone"), ARow("a", 2, "gone"), ARow("b", 1)}));
  ASSERT_TRUE(Write(*store_, {ARow("c", 1), ARow("c", 5)}, 2 * kHour));
  EXPECT_THAT(All(*store_), ElementsAre(ARow("a", 2, "gone"), ARow("c", 5)));
}

TEST_P(StoreContract, PutsAllHoursOrNone) {
  auto large = ARow("d", 2);
  large.dram_active.resize(kUseBytesMax + 1);
  auto refused = store_->use_history().PutUse(std::vector{ARow("d", 1), large}, INT64_MAX);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  auto broken = ARow("d", 2);
  broken.device = "\xff";
  refused = store_->use_history().PutUse(std::vector{ARow("d", 1), broken}, INT64_MAX);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(All(*store_), IsEmpty());
}

TEST_P(StoreContract, DoesNotRaiseTheRevisionForUse) {
  ASSERT_TRUE(Write(*store_, {ARow("d", 1)}));
  EXPECT_EQ(store_->Revision().value(), 0U);
}

TEST_P(StoreContract, TakesOverADatabaseOfTheFirstVersionWithAllThatIsInIt) {
  const auto fresh = GetParam().make();
  Snapshot before;
  const UsageRow used{{"A"}, {"m"}, 1, kHour, "ok", 10, 2'000, 30'000};
  {
    auto old = fresh->OpenVersion(1);
    ASSERT_TRUE(old.ok()) << old.error().detail;
    const std::vector<Change> changes{Put(ATenant("A")), Put(AKey("k", "A")),
                                      Put(AModel("A", "m", 1)), Put(ADeployment("d", "A", "m", 1))};
    ASSERT_TRUE(old.value()->Apply(0, changes).ok());
    ASSERT_TRUE(old.value()->AddUsage("ledger", 0, 4, std::vector{used}).ok());
    EXPECT_FALSE(old.value()->use_history().Use({}).ok()) << "version 1 had no history";
    before = LoadFrom(*old.value());
    ASSERT_EQ(before.deployments.size(), 1U);
  }
  auto opened = fresh->Open();
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  Store& present = *opened.value();
  const Snapshot after = LoadFrom(present);
  EXPECT_EQ(after.revision, before.revision);
  EXPECT_EQ(after.tenants, before.tenants);
  EXPECT_EQ(after.keys, before.keys);
  EXPECT_EQ(after.models, before.models);
  EXPECT_EQ(after.last_versions, before.last_versions);
  EXPECT_EQ(after.deployments, before.deployments);
  EXPECT_EQ(present.UsageCursor("ledger").value(), 4U);
  EXPECT_THAT(present.Usage({}).value(), ElementsAre(used));
  ASSERT_TRUE(Write(present, {ARow("d", 1)}));
  EXPECT_THAT(All(present), ElementsAre(ARow("d", 1)));
}

}  // namespace
}  // namespace bulkhead::store
