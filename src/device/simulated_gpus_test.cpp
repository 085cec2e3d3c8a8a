// SPDX-License-Identifier: Apache-2.0
#include "device/simulated_gpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;
using testing::ElementsAre;

class SimulatedGpusTest : public testing::Test {
 protected:
  SimulatedGpus gpus_{TestGpus()};
  std::string gpu_ = gpus_.machine().gpus.front().uuid;
};

TEST_F(SimulatedGpusTest, AllowWhatTheTablesAllow) {
  EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 5, 0).value(), 1);
  EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 9, 4).value(), 2);
  EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 19, 6).error().code, Code::kExhausted);
  EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 14, 3).error().code, Code::kInvalid);
  EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 77, 0).error().code, Code::kInvalid);
  EXPECT_EQ(gpus_.CreateGpuInstance("GPU-none", 19, 0).error().code, Code::kNotFound);
  const std::string whole = gpus_.machine().gpus.back().uuid;
  EXPECT_EQ(gpus_.CreateGpuInstance(whole, 19, 0).error().code, Code::kUnsupported);
}

TEST_F(SimulatedGpusTest, GiveTheMediaEnginesOnce) {
  EXPECT_TRUE(gpus_.CreateGpuInstance(gpu_, 20, 0).ok());
  EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 20, 1).error().code, Code::kExhausted);
}

TEST_F(SimulatedGpusTest, DestroyNothingThatIsInUse) {
  const int instance = gpus_.CreateGpuInstance(gpu_, 14, 0).value();
  const ComputeInstance compute = gpus_.CreateComputeInstance(gpu_, instance).value();
  EXPECT_EQ(compute.slices, 2);
  EXPECT_EQ(gpus_.CreateComputeInstance(gpu_, instance).error().code, Code::kExhausted);
  EXPECT_EQ(gpus_.DestroyGpuInstance(gpu_, instance).error().code, Code::kConflict);
  const InstanceNumbers numbers{instance, compute.id};
  gpus_.machine().processes.push_back({5, gpu_, numbers});
  EXPECT_THAT(gpus_.Processes(gpu_, numbers).value(), ElementsAre(5));
  EXPECT_EQ(gpus_.DestroyComputeInstance(gpu_, numbers).error().code, Code::kConflict);
  gpus_.machine().processes.clear();
  EXPECT_TRUE(gpus_.DestroyComputeInstance(gpu_, numbers).ok());
  EXPECT_EQ(gpus_.DestroyComputeInstance(gpu_, numbers).error().code, Code::kNotFound);
  EXPECT_TRUE(gpus_.DestroyGpuInstance(gpu_, instance).ok());
}

TEST_F(SimulatedGpusTest, NumberInstancesApartWhereverTheyAre) {
  const auto model = mig::FindGpuModel("A100-40GB");
  for (int start = 0; start < 7; ++start) {
    EXPECT_EQ(gpus_.CreateGpuInstance(gpu_, 19, start).value(), 7 + start);
  }
  ASSERT_NE(model, nullptr);
}

TEST_F(SimulatedGpusTest, FailTheCallThatIsMeant) {
  gpus_.FailCall(1, base::OperatorError(Code::kUnavailable, "lost"), SimulatedGpus::When::kAfter);
  EXPECT_TRUE(gpus_.List().ok());
  EXPECT_FALSE(gpus_.CreateGpuInstance(gpu_, 19, 0).ok());
  EXPECT_EQ(gpus_.List().value().at(0).instances.size(), 1U);
  EXPECT_THAT(gpus_.calls(), ElementsAre("List", "CreateGpuInstance 19 0", "List"));
}

}  // namespace
}  // namespace bulkhead::device
