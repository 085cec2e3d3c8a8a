// SPDX-License-Identifier: Apache-2.0
#include "device/nvml_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nvml_double/test_nvml.h"

namespace bulkhead::device {
namespace {

using base::Code;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class NvmlBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    ResetDouble(TestGpus());
    WriteNvidiaFiles(folder_);
  }
  void Open() {
    backend_.reset();
    auto backend = OpenDouble(folder_);
    ASSERT_TRUE(backend.ok()) << backend.error().detail;
    backend_ = std::move(backend).value();
  }
  static std::string Uuid(std::size_t gpu) { return Double().gpus->machine().gpus[gpu].uuid; }

  TestFolder folder_{"/dev/shm"};
  std::unique_ptr<DeviceBackend> backend_;
};

TEST_F(NvmlBackendTest, GivesTheNodesOfExactlyOneInstance) {
  Open();
  const Partition partition = backend_->Acquire({"2g.10gb", Uuid(1), 2}).value();
  EXPECT_EQ(partition.instance, (InstanceNumbers{4, 0}));
  EXPECT_FALSE(partition.simulated);
  // 138 + 9 * 4, and the compute instance after it.
  EXPECT_THAT(partition.device_nodes,
              ElementsAre("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia1",
                          "/dev/nvidia-caps/nvidia-cap174", "/dev/nvidia-caps/nvidia-cap175"));
  const auto& compute = Double().gpus->machine().gpus[1].instances.at(0).compute.at(0);
  EXPECT_THAT(partition.environment, ElementsAre("CUDA_VISIBLE_DEVICES=" + compute.uuid));
  EXPECT_EQ(compute.slices, 2);
}

TEST_F(NvmlBackendTest, GivesTheNodesOfAWholeGpu) {
  Open();
  const Partition partition = backend_->Acquire({"gpu"}).value();
  EXPECT_THAT(partition.device_nodes,
              ElementsAre("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia2"));
  EXPECT_THAT(partition.environment, ElementsAre("CUDA_VISIBLE_DEVICES=" + Uuid(2)));
}

TEST_F(NvmlBackendTest, MakesNothingWhoseNodesItDoesNotKnow) {
  folder_.Write("/proc/driver/nvidia-caps/mig-minors", "config 1\nmonitor 2\n");
  Open();
  EXPECT_FALSE(backend_->Acquire({"1g.5gb"}).ok());
  EXPECT_TRUE(Double().gpus->machine().gpus[0].instances.empty());
}

TEST_F(NvmlBackendTest, NeverSwitchesMigOrResets) {
  // Nothing that could is even looked for: the double has no such function, and loads.
  Double().gpus->machine().gpus[0].mig = MigMode::kOff;
  Open();
  EXPECT_EQ(backend_->List().value().at(0).gpu->gpu.mig, MigMode::kOff);
  EXPECT_EQ(backend_->Acquire({"1g.5gb", Uuid(0)}).error().code, Code::kExhausted);
  EXPECT_EQ(backend_->Acquire({"1g.5gb"}).value().device_id, Uuid(1));
  EXPECT_THAT(Double().calls, Not(Contains(HasSubstr("SetMigMode"))));
}

TEST_F(NvmlBackendTest, HearsOfFaultsThroughEvents) {
  Open();
  const Partition partition = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  Double().gpus->machine().faults.push_back({Uuid(0), partition.instance->gpu_instance, 94});
  EXPECT_THAT(backend_->Scrub(partition).error().detail, HasSubstr("XID 94"));
  EXPECT_EQ(backend_->Acquire({"1g.5gb", Uuid(0)}).error().code, Code::kUnavailable);
  EXPECT_TRUE(backend_->Acquire({"1g.5gb", Uuid(1)}).ok());
}

TEST_F(NvmlBackendTest, SeesProcessesInAnInstanceAndNotItsNeighbours) {
  Open();
  const Partition one = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  const Partition other = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  for (int process = 1; process <= 100; ++process) {
    Double().gpus->machine().processes.push_back({process, one.device_id, one.instance});
  }
  EXPECT_EQ(backend_->Scrub(one).error().code, Code::kConflict);
  EXPECT_EQ(backend_->Release(one).error().code, Code::kConflict);
  EXPECT_TRUE(backend_->Scrub(other).ok());
  EXPECT_TRUE(backend_->Release(other).ok());
}

TEST_F(NvmlBackendTest, GoesOnWithoutAGpuThatIsLost) {
  Open();
  const Partition lost = backend_->Acquire({"1g.5gb", Uuid(0)}).value();
  Double().lost.insert(Uuid(0));
  EXPECT_EQ(backend_->List().value().size(), 2U);
  EXPECT_EQ(backend_->Release(lost).error().code, Code::kUnavailable);
  EXPECT_EQ(backend_->Acquire({"1g.5gb"}).value().device_id, Uuid(1));
  Double().lost.clear();
  EXPECT_TRUE(backend_->Release(lost).ok());
}

TEST_F(NvmlBackendTest, SaysWhichPrivilegeItLacks) {
  Double().privileged = false;
  const auto backend = OpenDouble(folder_);
  ASSERT_FALSE(backend.ok());
  EXPECT_EQ(backend.error().code, Code::kDenied);
  EXPECT_THAT(backend.error().detail, HasSubstr("nvidia-cap1"));
  // Where no GPU is cut, none is needed.
  for (Gpu& gpu : Double().gpus->machine().gpus) {
    if (gpu.mig == MigMode::kOn) gpu.mig = MigMode::kOff;
  }
  Open();
  EXPECT_TRUE(backend_->Acquire({"gpu"}).ok());
}

TEST_F(NvmlBackendTest, AdoptsWhatItMadeBefore) {
  Open();
  const Partition before = backend_->Acquire({"3g.20gb"}).value();
  Open();
  EXPECT_TRUE(backend_->List().value().at(0).gpu->holders.at(0).ours);
  EXPECT_EQ(backend_->Acquire({"3g.20gb"}).value().instance, before.instance);
}

TEST_F(NvmlBackendTest, EndsItsSessionWithTheLibrary) {
  Open();
  EXPECT_EQ(Double().sessions, 1);
  backend_.reset();
  EXPECT_EQ(Double().sessions, 0);
}

}  // namespace
}  // namespace bulkhead::device
