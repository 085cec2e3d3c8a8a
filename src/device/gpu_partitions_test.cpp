// SPDX-License-Identifier: Apache-2.0
#include "device/gpu_partitions.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;
using testing::ElementsAre;
using testing::HasSubstr;

class GpuPartitionsTest : public testing::Test {
 protected:
  void SetUp() override { backend_ = OpenTestGpus(gpus_, InstanceJournal::InMemory()); }

  [[nodiscard]] std::string Uuid(std::size_t gpu) const { return gpus_->machine().gpus[gpu].uuid; }
  GpuDevice Describe(std::size_t gpu) { return *backend_->List().value().at(gpu).gpu; }
  std::size_t Instances() {
    std::size_t count = 0;
    for (const Gpu& gpu : gpus_->machine().gpus) count += gpu.instances.size();
    return count;
  }
  void Run(const Partition& partition, int process = 77) {
    gpus_->machine().processes.push_back({process, partition.device_id, partition.instance});
  }

  std::shared_ptr<SimulatedGpus> gpus_ = std::make_shared<SimulatedGpus>(TestGpus());
  std::unique_ptr<DeviceBackend> backend_;
};

TEST_F(GpuPartitionsTest, DescribeWhatAGpuIs) {
  MakeForeign(*gpus_);
  const Device device = backend_->List().value().at(0);
  EXPECT_EQ(device.id, Uuid(0));
  EXPECT_EQ(device.name, "NVIDIA A100-SXM4-40GB");
  EXPECT_FALSE(device.simulated);
  ASSERT_TRUE(device.gpu.has_value());
  EXPECT_EQ(device.gpu->gpu.mig, MigMode::kOn);
  EXPECT_EQ(device.gpu->gpu.model.profiles.size(), A100().profiles.size());
  ASSERT_EQ(device.gpu->holders.size(), 1U);
  EXPECT_FALSE(device.gpu->holders[0].ours);
  EXPECT_EQ(device.memory_free_bytes, (int64_t{40960} - 9856) << 20);
  const Partition partition = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  const GpuDevice after = Describe(0);
  ASSERT_EQ(after.holders.size(), 2U);
  EXPECT_TRUE(after.holders[0].ours);
  EXPECT_EQ(after.holders[0].partition_id, partition.id);
  EXPECT_FALSE(after.holders[1].ours);
}

TEST_F(GpuPartitionsTest, MakeAnInstanceWithOneComputeInstanceOfItsWholeSize) {
  const auto partition = backend_->Acquire({"3g.20gb", Uuid(1), 4});
  ASSERT_TRUE(partition.ok()) << partition.error().detail;
  EXPECT_EQ(partition.value().id, "gpu1-gi2");
  EXPECT_EQ(partition.value().tier, Tier::kHard);
  EXPECT_EQ(partition.value().device_id, Uuid(1));
  EXPECT_EQ(partition.value().start, 4);
  EXPECT_EQ(partition.value().instance, (InstanceNumbers{2, 0}));
  EXPECT_EQ(partition.value().device_memory_bytes, int64_t{19968} << 20);
  const GpuInstance& made = gpus_->machine().gpus[1].instances.at(0);
  ASSERT_EQ(made.compute.size(), 1U);
  EXPECT_EQ(made.compute[0].slices, 3);
  EXPECT_THAT(partition.value().environment,
              ElementsAre("CUDA_VISIBLE_DEVICES=" + made.compute[0].uuid));
  ASSERT_TRUE(backend_->Release(partition.value()).ok());
  EXPECT_EQ(Instances(), 0U);
}

TEST_F(GpuPartitionsTest, HoldAWholeGpuThatIsNotCutAndTakesOneProcess) {
  const auto partition = backend_->Acquire({"gpu"});
  ASSERT_TRUE(partition.ok()) << partition.error().detail;
  EXPECT_EQ(partition.value().tier, Tier::kDedicated);
  EXPECT_EQ(partition.value().device_id, Uuid(2));
  EXPECT_EQ(Describe(2).whole_held_by, partition.value().id);
  EXPECT_EQ(backend_->Acquire({"gpu"}).error().code, Code::kExhausted);
  ASSERT_TRUE(backend_->Release(partition.value()).ok());
  gpus_->machine().gpus[2].exclusive = false;
  const auto shared = backend_->Acquire({"gpu"});
  ASSERT_FALSE(shared.ok());
  EXPECT_EQ(shared.error().code, Code::kExhausted);
  EXPECT_THAT(shared.error().detail, HasSubstr("EXCLUSIVE_PROCESS"));
  gpus_->machine().gpus[2].exclusive = true;
  gpus_->machine().processes.push_back({4711, Uuid(2), std::nullopt});
  EXPECT_THAT(backend_->Acquire({"gpu"}).error().detail, HasSubstr("process 4711"));
}

TEST_F(GpuPartitionsTest, RefuseWhatNoGpuHas) {
  EXPECT_THAT(backend_->Acquire({"9g.99gb"}).error().detail, HasSubstr("1g.10gb, 1g.5gb"));
  EXPECT_EQ(backend_->Acquire({"2g.10gb", std::nullopt, 1}).error().code, Code::kInvalid);
  EXPECT_EQ(backend_->Acquire({"1g.5gb", Uuid(2)}).error().code, Code::kInvalid);
  EXPECT_EQ(backend_->Acquire({"gpu", std::nullopt, 0}).error().code, Code::kInvalid);
}

TEST_F(GpuPartitionsTest, NeverTouchInstancesOfOthers) {
  MakeForeign(*gpus_);
  const Gpu before = gpus_->machine().gpus[0];
  EXPECT_EQ(backend_->Acquire({"7g.40gb", Uuid(0)}).error().code, Code::kExhausted);
  EXPECT_EQ(backend_->Acquire({"2g.10gb", Uuid(0), 4}).error().code, Code::kExhausted);
  const Partition partition = backend_->Acquire({"4g.20gb", Uuid(0)}).value();
  ASSERT_TRUE(backend_->Release(partition).ok());
  EXPECT_EQ(gpus_->machine().gpus[0].instances, before.instances);
}

TEST_F(GpuPartitionsTest, RefuseToClearOrPutBackWhatStillRuns) {
  const Partition partition = backend_->Acquire({"1g.5gb"}).value();
  Run(partition);
  EXPECT_EQ(backend_->Scrub(partition).error().code, Code::kConflict);
  const auto released = backend_->Release(partition);
  EXPECT_EQ(released.error().code, Code::kConflict);
  EXPECT_THAT(released.error().detail, HasSubstr("process 77"));
  gpus_->machine().processes.clear();
  EXPECT_TRUE(backend_->Scrub(partition).ok());
  EXPECT_TRUE(backend_->Release(partition).ok());
  EXPECT_EQ(Instances(), 0U);
}

TEST_F(GpuPartitionsTest, TryAgainWhileTheDriverCleansUpAfterAProcess) {
  const Partition partition = backend_->Acquire({"1g.5gb"}).value();
  const auto busy = OperatorError(Code::kConflict, "in use");
  // Processes, List, then two tries that fail.
  gpus_->FailCall(2, busy);
  gpus_->FailCall(3, busy);
  EXPECT_TRUE(backend_->Release(partition).ok());
  EXPECT_EQ(Instances(), 0U);
}

TEST_F(GpuPartitionsTest, GiveUpOnAnInstanceThatStaysInUseAndKeepItHeld) {
  const Partition partition = backend_->Acquire({"1g.5gb"}).value();
  for (int i = 0; i < kRemoveTriesMax; ++i) {
    gpus_->FailCall(2 + i, OperatorError(Code::kConflict, "in use"));
  }
  EXPECT_EQ(backend_->Release(partition).error().code, Code::kConflict);
  EXPECT_EQ(Describe(0).holders.at(0).partition_id, partition.id);
  EXPECT_TRUE(backend_->Release(partition).ok());
  EXPECT_EQ(Instances(), 0U);
}

TEST_F(GpuPartitionsTest, BarAPartitionWithAFaultOfItsProgram) {
  const Partition bad = backend_->Acquire({"1g.5gb"}).value();
  const Partition good = backend_->Acquire({"1g.5gb"}).value();
  gpus_->machine().faults.push_back({Uuid(0), bad.instance->gpu_instance, 31});
  EXPECT_THAT(backend_->Scrub(bad).error().detail, HasSubstr("XID 31"));
  EXPECT_TRUE(backend_->Scrub(good).ok());
  EXPECT_TRUE(backend_->Release(bad).ok());
  EXPECT_TRUE(backend_->Acquire({"1g.5gb", Uuid(0)}).ok());
}

TEST_F(GpuPartitionsTest, FenceAGpuWithAFaultOfItsOwn) {
  const Partition held = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  gpus_->machine().faults.push_back({Uuid(0), std::nullopt, 79});
  EXPECT_EQ(backend_->Acquire({"1g.5gb"}).value().device_id, Uuid(1));
  EXPECT_EQ(backend_->Acquire({"1g.5gb", Uuid(0)}).error().code, Code::kUnavailable);
  EXPECT_THAT(Describe(0).fenced, HasSubstr("XID 79"));
  EXPECT_EQ(backend_->List().value().at(0).memory_free_bytes, 0);
  EXPECT_EQ(backend_->Scrub(held).error().code, Code::kUnavailable);
}

TEST_F(GpuPartitionsTest, ClearNothingThatIsGone) {
  const Partition partition = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  gpus_->machine().gpus[0].instances.clear();
  EXPECT_EQ(backend_->Scrub(partition).error().code, Code::kUnavailable);
  EXPECT_TRUE(backend_->Release(partition).ok());
  EXPECT_EQ(backend_->Release(partition).error().code, Code::kNotFound);
}

TEST_F(GpuPartitionsTest, FailClosedWhereNothingCanClearMemory) {
  GpuPartitionsOptions options;
  options.wait = [](std::chrono::milliseconds) {};
  auto backend = OpenGpuPartitions(gpus_, InstanceJournal::InMemory(), options);
  ASSERT_TRUE(backend.ok());
  const Partition partition = backend.value()->Acquire({"1g.5gb"}).value();
  const auto scrubbed = backend.value()->Scrub(partition);
  EXPECT_EQ(scrubbed.error().code, Code::kUnavailable);
  EXPECT_EQ(scrubbed.error().detail, "memory of the instance cannot be cleared: no CUDA runtime");
}

// What follows a call that fails is another create, so nothing may be left of the first.
TEST_F(GpuPartitionsTest, LeaveNothingBehindWhateverCallFails) {
  MakeForeign(*gpus_);
  for (const auto when : {SimulatedGpus::When::kBefore, SimulatedGpus::When::kAfter}) {
    for (int call = 0; call < 8; ++call) {
      SCOPED_TRACE(call);
      gpus_->FailCall(call, OperatorError(Code::kUnavailable, "no answer"), when);
      const auto partition = backend_->Acquire({"1g.5gb", Uuid(0)});
      if (partition.ok()) {
        (void)backend_->Release(partition.value());
        (void)backend_->Release(partition.value());
      }
      EXPECT_EQ(Instances(), 1U);
      EXPECT_EQ(Describe(0).holders.at(0).ours, false);
    }
  }
}

TEST_F(GpuPartitionsTest, LeaveAloneWhatSomebodyElseMadeInTheMeantime) {
  bool done = false;
  gpus_->observer = [&] {
    if (done || gpus_->calls().empty() || gpus_->calls().back() != "List") return;
    done = true;
    gpus_->machine().gpus[0].instances.push_back({7, 0, 0, {}});
  };
  EXPECT_EQ(backend_->Acquire({"1g.5gb", Uuid(0), 0}).error().code, Code::kExhausted);
  EXPECT_TRUE(done);
  ASSERT_EQ(Instances(), 1U);
  EXPECT_FALSE(Describe(0).holders.at(0).ours);
}

}  // namespace
}  // namespace bulkhead::device
