// SPDX-License-Identifier: Apache-2.0
// Instances that are made before anybody wants them, and given up again.
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;
using testing::HasSubstr;

class IdleInstances : public testing::Test {
 protected:
  void SetUp() override { backend_ = OpenTestGpus(gpus_, InstanceJournal::InMemory()); }

  [[nodiscard]] std::string Uuid(std::size_t gpu) const { return gpus_->machine().gpus[gpu].uuid; }
  [[nodiscard]] PartitionRequest At(const std::string& profile, int start) const {
    return {profile, Uuid(0), start};
  }
  [[nodiscard]] const std::vector<GpuInstance>& There() const {
    return gpus_->machine().gpus[0].instances;
  }

  std::shared_ptr<SimulatedGpus> gpus_ = std::make_shared<SimulatedGpus>(TestGpus());
  std::unique_ptr<DeviceBackend> backend_;
};

TEST_F(IdleInstances, AreOursAndGoToTheNextWhoAsksForTheirLike) {
  ASSERT_TRUE(backend_->MakeIdle(At("3g.20gb", 4)).ok());
  const GpuDevice listed = *backend_->List().value().at(0).gpu;
  ASSERT_EQ(listed.holders.size(), 1U);
  EXPECT_TRUE(listed.holders[0].ours);
  EXPECT_EQ(listed.holders[0].partition_id, "");
  const Partition partition = backend_->Acquire({"3g.20gb"}).value();
  EXPECT_EQ(partition.start, 4);
  EXPECT_EQ(There().size(), 1U);
}

TEST_F(IdleInstances, AreMadeOnlyAtAPlaceThatIsNamedAndFree) {
  MakeForeign(*gpus_);
  EXPECT_EQ(backend_->MakeIdle({"1g.5gb"}).error().code, Code::kInvalid);
  EXPECT_EQ(backend_->MakeIdle({"1g.5gb", Uuid(0)}).error().code, Code::kInvalid);
  EXPECT_EQ(backend_->MakeIdle({"gpu", Uuid(2)}).error().code, Code::kInvalid);
  EXPECT_EQ(backend_->MakeIdle(At("2g.10gb", 3)).error().code, Code::kInvalid);
  const auto taken = backend_->MakeIdle(At("3g.20gb", 4));
  EXPECT_EQ(taken.error().code, Code::kExhausted);
  EXPECT_THAT(taken.error().detail, HasSubstr("2g.10gb at 4"));
  EXPECT_EQ(There().size(), 1U);
}

TEST_F(IdleInstances, OfOthersOrInUseAreNotGivenUp) {
  MakeForeign(*gpus_);
  EXPECT_EQ(backend_->RemoveIdle(At("2g.10gb", 4)).error().code, Code::kDenied);
  const Partition held = backend_->Acquire({"1g.5gb", Uuid(0), 0}).value();
  EXPECT_EQ(backend_->RemoveIdle(At("1g.5gb", 0)).error().code, Code::kConflict);
  ASSERT_TRUE(backend_->MakeIdle(At("1g.5gb", 1)).ok());
  const GpuInstance& idle = There().at(1);
  gpus_->machine().processes.push_back({9, Uuid(0), InstanceNumbers{idle.id, 0}});
  EXPECT_EQ(backend_->RemoveIdle(At("1g.5gb", 1)).error().code, Code::kConflict);
  EXPECT_EQ(backend_->RemoveIdle(At("1g.5gb", 2)).error().code, Code::kNotFound);
  EXPECT_EQ(There().size(), 3U);
  gpus_->machine().processes.clear();
  EXPECT_TRUE(backend_->RemoveIdle(At("1g.5gb", 1)).ok());
  EXPECT_EQ(There().size(), 2U);
}

TEST_F(IdleInstances, AreNotMadeOnAFencedGpu) {
  gpus_->machine().faults.push_back({Uuid(0), std::nullopt, 79});
  EXPECT_EQ(backend_->MakeIdle(At("1g.5gb", 0)).error().code, Code::kUnavailable);
  EXPECT_TRUE(There().empty());
}

TEST_F(IdleInstances, GiveWayOnlyWhereTheyAreInTheWay) {
  for (const int start : {0, 1, 4, 5}) ASSERT_TRUE(backend_->MakeIdle(At("1g.5gb", start)).ok());
  ASSERT_TRUE(backend_->Acquire({"3g.20gb", Uuid(0), 0}).ok());
  ASSERT_EQ(There().size(), 3U);
  EXPECT_EQ(There()[1].start, 4);
  EXPECT_EQ(There()[2].start, 5);
}

TEST_F(IdleInstances, LeaveNothingBehindWhenADriverRefuses) {
  for (int call = 0; call < 6; ++call) {
    for (const auto when : {SimulatedGpus::When::kBefore, SimulatedGpus::When::kAfter}) {
      gpus_ = std::make_shared<SimulatedGpus>(TestGpus());
      SetUp();
      gpus_->FailCall(call, OperatorError(Code::kUnavailable, "lost"), when);
      if (backend_->MakeIdle(At("2g.10gb", 0)).ok()) continue;
      const GpuDevice after = *backend_->List().value().at(0).gpu;
      for (const InstanceHolder& holder : after.holders) EXPECT_TRUE(holder.ours) << call;
      EXPECT_TRUE(backend_->Acquire({"7g.40gb", Uuid(0)}).ok()) << call;
    }
  }
}

}  // namespace
}  // namespace bulkhead::device
