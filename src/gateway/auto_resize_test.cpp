// SPDX-License-Identifier: Apache-2.0
#include "gateway/auto_resize.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "advice/share_bytes.h"
#include "fleet/test_fleet.h"
#include "meter/test_ledger.h"
#include "store/sqlite_store.h"

namespace bulkhead::gateway {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kHour = 3'600'000;
constexpr int64_t kBegin = 472'000;

// One deployment that serves on 3g.20gb and uses little of it.
class AutoResizeTest : public fleet::FleetTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(home());
    std::filesystem::permissions(home(), std::filesystem::perms::owner_all);
    store_ = store::OpenSqliteStore(home() / "bulkhead.db").value();
    files_ = store::ModelFiles::Open(home() / "models").value();
    OpenWithNode();
    control_ = std::make_unique<Control>(ControlParts{
        *store_, *files_, blocking_, accounts_,
        [this](const std::vector<fleet::DesiredDeployment>& desired) { fleet_->Set(desired); },
        [](std::string_view) {}});
    audit_ = AuditTrail::Open({io_, [](std::string_view) {}, home(), {}, {}}).value();
    const std::vector<store::Change> records{
        store::Put(tenant::Tenant{.id = {"tenant-a"}, .name = "plant"}),
        store::Put(tenant::ModelVersion{{"tenant-a"}, {"plates"}, 1, {}, 1, 0}),
        store::Put(tenant::Deployment{
            {"DeploymentAbcdef"}, {"tenant-a"}, {"plates"}, 1, "3g.20gb", 1, true, 0})};
    ASSERT_TRUE(store_->Apply(0, records).ok());
    ASSERT_TRUE(Wait(control_->Load()).ok());
    BecomeReady(NextLaunch());
  }

  [[nodiscard]] std::filesystem::path home() const { return folder_.path() / "gateway"; }

  template <typename T>
  T Wait(async::Task<T> task) {
    const auto outcome = fleet::Start(io_, std::move(task));
    fleet::RunUntil(io_, [&] { return outcome->has_value(); });
    return std::move(outcome->value());
  }

  // Hours of little use, from kBegin on.
  void KeepHours(int64_t count, const std::string& profile = "3g.20gb") {
    std::vector<store::UseRow> rows;
    for (int64_t hour = kBegin; hour < kBegin + count; ++hour) {
      store::UseRow frames{
          {"DeploymentAbcdef"}, hour * kHour, profile, "", "w", "", {}, {}, 0, 9, 25'000};
      store::UseRow readings = frames;
      readings.device = "GPU-a/2";
      readings.gpu_model = "NVIDIA A100-SXM4-40GB";
      advice::ShareCounts shares;
      for (int i = 0; i < 240; ++i) shares.Add(0.05);
      readings.engine_active = readings.dram_active = advice::ShareBytes(shares);
      readings.memory_used_max_kib = 800 * 1024;
      readings.frames = 0;
      rows.push_back(std::move(frames));
      rows.push_back(std::move(readings));
    }
    ASSERT_TRUE(store_->use_history().PutUse(rows, 0).ok());
  }

  AutoResize Make(const advice::AutomaticLimits& limits = {}) {
    return AutoResize({io_, accounts_, *control_, *audit_, *fleet_, store_->use_history(),
                       blocking_, [this](std::string_view line) { said_.emplace_back(line); },
                       [this] { return hour_ * kHour; }},
                      limits);
  }

  void LookUntil(AutoResize& resize, int64_t hour) {
    for (; hour_ <= hour; ++hour_) {
      const auto looked = fleet::Start(io_, resize.Look());
      fleet::RunUntil(io_, [&] { return looked->has_value() || !sent_.empty(); });
      ASSERT_TRUE(looked->has_value()) << "it moves something";
      ASSERT_TRUE((*looked)->ok());
    }
    --hour_;
  }

  // Begins the hour in which it moves; does not wait for the end of the move.
  fleet::Outcome<base::Status> BeginMove(AutoResize& resize) {
    LookUntil(resize, hour_ + 2);
    ++hour_;
    auto moved = fleet::Start(io_, resize.Look());
    return moved;
  }

  std::string KeptProfile() { return store_->Load().value().deployments.at(0).profile; }

  const meter::TestFolder folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::ModelFiles> files_;
  Accounts accounts_{Pepper{}};
  async::BlockingThread blocking_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<AuditTrail> audit_;
  int64_t hour_ = kBegin + 48;
  std::vector<std::string> said_;
};

TEST_F(AutoResizeTest, MovesWhatWasAdvisedThriceAndSaysWhy) {
  KeepHours(48);
  AutoResize resize = Make();
  const auto moved = BeginMove(resize);
  const std::string name = NextLaunch();
  EXPECT_EQ(launched_.launch.profile, "1g.5gb");
  EXPECT_FALSE(*moved) << "the old one serves until then";
  BecomeReady(name);
  fleet::RunUntil(io_, [&] { return moved->has_value(); });
  EXPECT_EQ(KeptProfile(), "1g.5gb");
  EXPECT_THAT(NextOrder(), HasSubstr("drain "));
  EXPECT_THAT(said_, ElementsAre(testing::AllOf(HasSubstr("plant/plates: 3g.20gb to 1g.5gb: too "
                                                          "big."),
                                                HasSubstr("48 hours")),
                                 HasSubstr("done")));
}

TEST_F(AutoResizeTest, PutsTheOldProfileBackWhereTheNewOneDoesNotServe) {
  KeepHours(48);
  AutoResize resize = Make();
  const auto moved = BeginMove(resize);
  End(NextLaunch());
  fleet::RunUntil(io_, [&] { return moved->has_value(); });
  EXPECT_EQ(KeptProfile(), "3g.20gb");
  EXPECT_THAT(said_.back(), HasSubstr("back on 3g.20gb"));
  EXPECT_TRUE(fleet_->Find({"tenant-a"}, {"plates"})->serving_version.has_value());
}

TEST_F(AutoResizeTest, MovesNothingWithoutADayOfHistoryOrOutsideOfItsLimits) {
  KeepHours(10);
  AutoResize early = Make();
  LookUntil(early, hour_ + 8);
  KeepHours(48);
  AutoResize limited = Make({.profiles = {"2g.10gb"}});
  LookUntil(limited, hour_ + 8);
  AutoResize none = Make({.moves_per_day_max = 0});
  LookUntil(none, hour_ + 8);
  EXPECT_TRUE(Silent());
  EXPECT_THAT(said_, IsEmpty());
  EXPECT_EQ(KeptProfile(), "3g.20gb");
}

TEST_F(AutoResizeTest, KnowsAfterARestartWhatWasMoved) {
  // It had another profile until kBegin.
  KeepHours(48);
  store::UseRow before{
      {"DeploymentAbcdef"}, (kBegin - 1) * kHour, "7g.40gb", "", "w", "", {}, {}, 0, 9, {}};
  ASSERT_TRUE(store_->use_history().PutUse(std::vector{before}, 0).ok());
  hour_ = kBegin + 48;
  AutoResize patient = Make({.hours_between_moves = 60});
  LookUntil(patient, kBegin + 59);
  EXPECT_TRUE(Silent());
  EXPECT_THAT(said_, IsEmpty());
  ++hour_;
  const auto moved = fleet::Start(io_, patient.Look());
  BecomeReady(NextLaunch());
  fleet::RunUntil(io_, [&] { return moved->has_value(); });
  EXPECT_EQ(KeptProfile(), "1g.5gb");
}

TEST_F(AutoResizeTest, LeavesWhatSomebodyElseChanged) {
  KeepHours(48);
  AutoResize resize = Make();
  LookUntil(resize, hour_ + 2);
  ++hour_;
  auto other = store_->Load().value().deployments.at(0);
  other.profile = "2g.10gb";
  ASSERT_TRUE(store_->Apply(1, std::vector<store::Change>{store::Put(other)}).ok());
  ASSERT_TRUE(Wait(resize.Look()).ok());
  EXPECT_EQ(KeptProfile(), "2g.10gb");
  EXPECT_THAT(said_, Contains(HasSubstr("not done: somebody changed it")));
}

}  // namespace
}  // namespace bulkhead::gateway
