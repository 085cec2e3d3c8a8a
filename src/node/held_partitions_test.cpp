// SPDX-License-Identifier: Apache-2.0
#include "node/held_partitions.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::node {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One partition, whose calls fail as the test says.
class OnePartition final : public device::DeviceBackend {
 public:
  OnePartition(std::string id, std::vector<std::string>& calls) : calls_(calls) {
    partition.id = std::move(id);
  }

  base::Result<std::vector<device::Device>> List() override {
    return std::vector<device::Device>();
  }
  base::Result<device::Partition> Acquire(const device::PartitionRequest& request) override {
    BH_TRY(Call("acquire"));
    held = true;
    partition.profile = request.profile;
    return partition;
  }
  base::Status Scrub(const device::Partition& /*partition*/) override { return Call("clear"); }
  base::Status Release(const device::Partition& /*partition*/) override {
    BH_TRY(Call("release"));
    held = false;
    return base::Ok();
  }
  base::Status MakeIdle(const device::PartitionRequest& /*place*/) override {
    return Call("make idle");
  }
  base::Status RemoveIdle(const device::PartitionRequest& /*place*/) override {
    return Call("remove idle");
  }

  device::Partition partition;
  bool held = false;
  std::string failing;  // the call that fails

 private:
  base::Status Call(const std::string& name) {
    calls_.push_back(name + " " + partition.id);
    if (name != failing) return base::Ok();
    return base::OperatorError(Code::kUnavailable, name + " failed");
  }

  std::vector<std::string>& calls_;
};

class HeldPartitionsTest : public testing::Test {
 protected:
  HeldPartitionsTest() {
    cores_.partition.cpus = {2, 3};
    cores_.partition.memory_bytes = int64_t{2} << 30;
    gpu_.partition.tier = device::Tier::kHard;
    gpu_.partition.device_nodes = {"/dev/nvidia0"};
    gpu_.partition.environment = {"CUDA_VISIBLE_DEVICES=MIG-0"};
  }

  base::Result<HeldPartitions> TakeBoth() {
    return TakePartitions(devices_,
                          {{.profile = "cpu:1c2g"}, device::PartitionRequest{.profile = "1g.5gb"}});
  }

  std::vector<std::string> calls_;
  OnePartition cores_{"cores", calls_};
  OnePartition gpu_{"gpu", calls_};
  const NodeDevices devices_{cores_, &gpu_};
};

TEST_F(HeldPartitionsTest, TakesCoresBeforeTheGpuAndClearsBoth) {
  const auto held = TakeBoth();
  ASSERT_TRUE(held.ok());
  EXPECT_THAT(calls_, ElementsAre("acquire cores", "clear cores", "acquire gpu", "clear gpu"));
  EXPECT_EQ(held.value().named().id, "gpu");
  EXPECT_EQ(held.value().cores.profile, "cpu:1c2g");
}

TEST_F(HeldPartitionsTest, TakesCoresAloneForAProfileOfCores) {
  const auto held = TakePartitions({cores_}, {{.profile = "cpu:1c2g"}, {}});
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(held.value().named().id, "cores");
  EXPECT_FALSE(gpu_.held);
}

TEST_F(HeldPartitionsTest, HoldsNothingWhenThereAreNoCores) {
  cores_.failing = "acquire";
  const auto held = TakeBoth();
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().detail, "cores beside 1g.5gb: acquire failed");
  EXPECT_FALSE(gpu_.held);
}

TEST_F(HeldPartitionsTest, HoldsNothingWhenTheGpuHasNoRoom) {
  gpu_.failing = "acquire";
  const auto held = TakeBoth();
  ASSERT_FALSE(held.ok());
  EXPECT_EQ(held.error().detail, "acquire failed");
  EXPECT_FALSE(cores_.held);
}

TEST_F(HeldPartitionsTest, LeavesTheGpuAloneWhenTheCoresCannotBeCleared) {
  cores_.failing = "clear";
  const auto held = TakeBoth();
  ASSERT_FALSE(held.ok());
  EXPECT_THAT(held.error().detail, HasSubstr("cores could not be cleared"));
  EXPECT_THAT(calls_, ElementsAre("acquire cores", "clear cores"));
  EXPECT_TRUE(cores_.held) << "it must not be handed out again";
}

TEST_F(HeldPartitionsTest, KeepsAGpuOutOfUseThatCannotBeClearedAndGivesTheCoresBack) {
  gpu_.failing = "clear";
  const auto held = TakeBoth();
  ASSERT_FALSE(held.ok());
  EXPECT_THAT(held.error().detail, HasSubstr("gpu could not be cleared"));
  EXPECT_TRUE(gpu_.held);
  EXPECT_FALSE(cores_.held);
}

TEST_F(HeldPartitionsTest, SaysOfCoresTooThatCouldNotBeGivenBack) {
  gpu_.failing = "acquire";
  cores_.failing = "release";
  EXPECT_EQ(TakeBoth().error().detail, "acquire failed; cores is kept out of use: release failed");
}

TEST_F(HeldPartitionsTest, GivesBothBack) {
  const auto held = TakeBoth();
  calls_.clear();
  EXPECT_THAT(GiveBack(devices_, held.value()), IsEmpty());
  EXPECT_THAT(calls_, ElementsAre("clear gpu", "release gpu", "clear cores", "release cores"));
}

TEST_F(HeldPartitionsTest, GivesTheOneBackWhereTheOtherIsKept) {
  const auto held = TakeBoth();
  gpu_.failing = "clear";
  EXPECT_THAT(GiveBack(devices_, held.value()),
              ElementsAre("gpu is kept out of use, it could not be cleared: clear failed"));
  EXPECT_TRUE(gpu_.held);
  EXPECT_FALSE(cores_.held);
  gpu_.failing = "release";
  cores_.failing = "release";
  EXPECT_THAT(GiveBack(devices_, held.value()), testing::SizeIs(2));
}

TEST_F(HeldPartitionsTest, MakesACompartmentOfTheCoresOfOneAndTheNodesOfTheOther) {
  const auto held = TakeBoth();
  const device::Partition both = PartitionForWorker(held.value());
  EXPECT_THAT(both.cpus, ElementsAre(2, 3));
  EXPECT_EQ(both.memory_bytes, int64_t{2} << 30);
  EXPECT_EQ(both.tier, device::Tier::kHard);
  EXPECT_THAT(both.device_nodes, ElementsAre(std::filesystem::path("/dev/nvidia0")));
  EXPECT_THAT(both.environment, ElementsAre("CUDA_VISIBLE_DEVICES=MIG-0"));
}

TEST_F(HeldPartitionsTest, GivesAWorkerOfASimulatedGpuNothingButItsCores) {
  gpu_.partition.simulated = true;
  const auto held = TakeBoth();
  const device::Partition cores = PartitionForWorker(held.value());
  EXPECT_EQ(cores.id, "cores");
  EXPECT_EQ(cores.tier, device::Tier::kCpu);
  EXPECT_FALSE(cores.simulated);
  EXPECT_THAT(cores.device_nodes, IsEmpty());
  EXPECT_THAT(cores.environment, IsEmpty());
}

}  // namespace
}  // namespace bulkhead::node
