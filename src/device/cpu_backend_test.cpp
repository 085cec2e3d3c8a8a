// SPDX-License-Identifier: Apache-2.0
#include "device/cpu_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_machine.h"

namespace bulkhead::device {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kMebibyte = int64_t{1} << 20;

class CpuBackend : public testing::Test {
 protected:
  // `options` without a root are opened on `machine`.
  void Open(const TestMachine& machine, CpuBackendOptions options = {}) {
    WriteMachine(machine, folder_);
    options.root = folder_.path();
    auto backend = OpenCpuBackend(options);
    ASSERT_TRUE(backend.ok()) << backend.error().detail;
    backend_ = std::move(backend).value();
  }
  Device List() { return backend_->List().value().at(0); }

  TestFolder folder_;
  std::unique_ptr<DeviceBackend> backend_;
};

TEST_F(CpuBackend, DescribesTheMachine) {
  Open(TwoCoreVm());
  const Device device = List();
  EXPECT_EQ(device.id, "cpu");
  EXPECT_EQ(device.name, "Example 9000");
  EXPECT_FALSE(device.simulated);
  EXPECT_EQ(device.cores_total, 2);
  EXPECT_EQ(device.cores_free, 2);
  EXPECT_EQ(device.memory_total_bytes, 8192 * kMebibyte);
  EXPECT_EQ(device.memory_free_bytes, (7168 - 512) * kMebibyte);
}

TEST_F(CpuBackend, DescribesAPartition) {
  Open(TwoSocketServer(), {.cores_kept = 0});
  const auto partition = backend_->Acquire({"cpu:2c2048m"});
  ASSERT_TRUE(partition.ok()) << partition.error().detail;
  EXPECT_EQ(partition.value().id, "cpu-0-9");
  EXPECT_EQ(partition.value().device_id, "cpu");
  EXPECT_EQ(partition.value().profile, "cpu:2c2g");
  EXPECT_EQ(partition.value().tier, Tier::kCpu);
  EXPECT_THAT(partition.value().cpus, ElementsAre(0, 1, 8, 9));
  EXPECT_EQ(partition.value().memory_bytes, 2048 * kMebibyte);
  EXPECT_TRUE(partition.value().device_nodes.empty());
  EXPECT_TRUE(partition.value().environment.empty());
}

TEST_F(CpuBackend, KeepsOneCoreOfFourOrMoreForTheMachine) {
  Open(TwoSocketServer());
  EXPECT_EQ(List().cores_free, 7);
  EXPECT_THAT(backend_->Acquire({"cpu:1c1g"}).value().cpus, ElementsAre(1, 9));
}

TEST_F(CpuBackend, KeepsSlowCoresFirst) {
  Open(HybridLaptop(), {.cores_kept = 5});
  EXPECT_THAT(backend_->Acquire({"cpu:1c1g"}).value().cpus, ElementsAre(2, 3));
}

TEST_F(CpuBackend, SaysWhatIsFreeAndWhatToDoWhenThereIsNoRoom) {
  Open(TwoCoreVm());
  ASSERT_TRUE(backend_->Acquire({"cpu:1c1g"}).ok());
  const auto partition = backend_->Acquire({"cpu:2c1g"});
  ASSERT_FALSE(partition.ok());
  EXPECT_EQ(partition.error().code, Code::kExhausted);
  EXPECT_THAT(partition.error().detail, HasSubstr("1 of 2 cores and 5632 MiB are free"));
  EXPECT_THAT(partition.error().detail, HasSubstr("1 partitions are held"));
  EXPECT_THAT(partition.error().detail, HasSubstr("Take a smaller profile"));
  EXPECT_THAT(partition.error().public_message, testing::Not(HasSubstr("cores")));
}

TEST_F(CpuBackend, GivesNoMoreMemoryThanOthersOnTheMachineLeft) {
  Open(TwoCoreVm(), {.memory_kept_bytes = 0});
  folder_.Write("/proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 1048576 kB\n");
  EXPECT_EQ(List().memory_free_bytes, 1024 * kMebibyte);
  EXPECT_EQ(backend_->Acquire({"cpu:1c1025m"}).error().code, Code::kExhausted);
  EXPECT_TRUE(backend_->Acquire({"cpu:1c1g"}).ok());
}

TEST_F(CpuBackend, HandsOutNoCoreOfWhichOnlyAPartIsOurs) {
  WriteContainer(folder_);
  auto backend = OpenCpuBackend({.root = folder_.path()});
  ASSERT_TRUE(backend.ok()) << backend.error().detail;
  EXPECT_THAT(backend.value()->Acquire({"cpu:2c1g"}).value().cpus, ElementsAre(1, 2, 9, 10));
  const auto third = backend.value()->Acquire({"cpu:1c1g"});
  ASSERT_FALSE(third.ok());
  EXPECT_THAT(third.error().detail, HasSubstr("1 CPUs are not used"));
}

TEST_F(CpuBackend, DoesNotTakeACopyOfAReleasedPartitionForItsSuccessor) {
  Open(TwoCoreVm());
  const Partition first = backend_->Acquire({"cpu:1c1g"}).value();
  ASSERT_TRUE(backend_->Release(first).ok());
  const Partition second = backend_->Acquire({"cpu:1c1g"}).value();
  ASSERT_EQ(second.id, first.id);
  EXPECT_EQ(backend_->Release(first).error().code, Code::kNotFound);
  EXPECT_EQ(backend_->Scrub(first).error().code, Code::kNotFound);
  EXPECT_TRUE(backend_->Release(second).ok());
}

TEST_F(CpuBackend, RefusesToKeepEverything) {
  WriteMachine(TwoCoreVm(), folder_);
  for (const int cores : {-1, 2, 3}) {
    const auto backend = OpenCpuBackend({.root = folder_.path(), .cores_kept = cores});
    ASSERT_FALSE(backend.ok()) << cores;
    EXPECT_EQ(backend.error().code, Code::kInvalid);
  }
  EXPECT_FALSE(OpenCpuBackend({.root = folder_.path(), .memory_kept_bytes = -1}).ok());
}

TEST_F(CpuBackend, IsUnavailableWithoutAWholeCore) {
  TestMachine machine = TwoSocketServer();
  machine.allowed = "0-1,10";
  WriteMachine(machine, folder_);
  const auto backend = OpenCpuBackend({.root = folder_.path()});
  ASSERT_FALSE(backend.ok());
  EXPECT_EQ(backend.error().code, Code::kUnavailable);
  EXPECT_THAT(backend.error().detail, HasSubstr("no whole core"));
}

TEST(Tier, HasTheWordsOfTheProduct) {
  EXPECT_EQ(TierName(Tier::kHard), "hard");
  EXPECT_EQ(TierName(Tier::kDedicated), "dedicated");
  EXPECT_EQ(TierName(Tier::kCpu), "cpu");
  EXPECT_EQ(TierName(Tier::kSoft), "soft");
}

}  // namespace
}  // namespace bulkhead::device
