// SPDX-License-Identifier: Apache-2.0
#include "node/launch_plan.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_gpus.h"
#include "node/test_compartments.h"

namespace bulkhead::node {
namespace {

using base::Code;
using device::Tier;
using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<device::DeviceBackend> TestGpuBackend(bool simulated) {
  device::GpuPartitionsOptions options;
  options.simulated = simulated;
  options.clear = [](const device::Partition&) { return base::Ok(); };
  options.wait = [](std::chrono::milliseconds) {};
  return device::OpenGpuPartitions(std::make_shared<device::SimulatedGpus>(device::TestGpus()),
                                   device::InstanceJournal::InMemory(), std::move(options))
      .value();
}

class LaunchPlanTest : public testing::Test {
 protected:
  static Launch ALaunch(const std::string& profile) {
    Launch launch;
    launch.name = "line-3";
    launch.profile = profile;
    if (!profile.starts_with("cpu:")) launch.cores = "cpu:1c1g";
    launch.tiers = {Tier::kHard, Tier::kDedicated, Tier::kCpu};
    return launch;
  }

  FakeDevices cores_{2};
  const std::unique_ptr<device::DeviceBackend> real_ = TestGpuBackend(false);
  const std::unique_ptr<device::DeviceBackend> simulated_ = TestGpuBackend(true);
};

TEST_F(LaunchPlanTest, WantsCoresAloneForAProfileOfCores) {
  const auto wanted = PlanPartitions(ALaunch("cpu:1c1g"), {cores_, real_.get()});
  ASSERT_TRUE(wanted.ok()) << wanted.error().detail;
  EXPECT_EQ(wanted.value().cores.profile, "cpu:1c1g");
  EXPECT_FALSE(wanted.value().gpu);
}

TEST_F(LaunchPlanTest, WantsBothForAProfileOfAGpu) {
  const auto wanted = PlanPartitions(ALaunch("3g.20gb"), {cores_, real_.get()});
  ASSERT_TRUE(wanted.ok()) << wanted.error().detail;
  EXPECT_EQ(wanted.value().cores.profile, "cpu:1c1g");
  EXPECT_EQ(wanted.value().gpu->profile, "3g.20gb");
}

TEST_F(LaunchPlanTest, SaysWhatToDoWhereThereAreNoGpus) {
  const auto wanted = PlanPartitions(ALaunch("3g.20gb"), {cores_});
  ASSERT_FALSE(wanted.ok());
  EXPECT_EQ(wanted.error().code, Code::kUnsupported);
  EXPECT_THAT(wanted.error().detail, HasSubstr("--devices nvml:"));
}

TEST_F(LaunchPlanTest, RefusesCoresThatDoNotBelongToTheProfile) {
  Launch launch = ALaunch("cpu:1c1g");
  launch.cores = "cpu:1c1g";
  EXPECT_EQ(PlanPartitions(launch, {cores_}).error().code, Code::kInvalid);
  launch = ALaunch("3g.20gb");
  launch.cores = "";
  EXPECT_EQ(PlanPartitions(launch, {cores_, real_.get()}).error().code, Code::kInvalid);
}

TEST_F(LaunchPlanTest, RefusesATenantOfHardwareAnythingElse) {
  for (const std::string profile : {"cpu:1c1g", "gpu"}) {
    Launch launch = ALaunch(profile);
    launch.tiers = {Tier::kHard};
    const auto wanted = PlanPartitions(launch, {cores_, real_.get()});
    ASSERT_FALSE(wanted.ok()) << profile;
    EXPECT_EQ(wanted.error().code, Code::kDenied);
    EXPECT_THAT(wanted.error().detail, HasSubstr("policy allows hard"));
  }
  Launch launch = ALaunch("1g.5gb");
  launch.tiers = {Tier::kHard};
  EXPECT_TRUE(PlanPartitions(launch, {cores_, real_.get()}).ok());
}

TEST_F(LaunchPlanTest, DoesNotTakeASimulatedGpuForHardware) {
  Launch launch = ALaunch("1g.5gb");
  launch.tiers = {Tier::kHard, Tier::kDedicated};
  const auto wanted = PlanPartitions(launch, {cores_, simulated_.get()});
  ASSERT_FALSE(wanted.ok());
  EXPECT_EQ(wanted.error().code, Code::kDenied);
  EXPECT_THAT(wanted.error().detail, HasSubstr("tier cpu (the GPUs here are simulated"));
  launch.tiers = {Tier::kCpu};
  EXPECT_TRUE(PlanPartitions(launch, {cores_, simulated_.get()}).ok());
}

TEST_F(LaunchPlanTest, NamesEachKindOfGpuOnce) {
  const auto gpus = DescribeGpus({cores_, simulated_.get()});
  ASSERT_TRUE(gpus.ok());
  EXPECT_THAT(gpus.value().models, ElementsAre("A100-40GB", "T4"));
  EXPECT_TRUE(gpus.value().simulated);
  EXPECT_FALSE(DescribeGpus({cores_, real_.get()}).value().simulated);
  EXPECT_TRUE(DescribeGpus({cores_}).value().models.empty());
}

TEST_F(LaunchPlanTest, SaysWhereAWorkerIsAndThatItsGpuIsSimulated) {
  const NodeDevices devices{cores_, simulated_.get()};
  const auto wanted = PlanPartitions(ALaunch("3g.20gb"), devices);
  const auto held = TakePartitions(devices, wanted.value());
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const Place place = PlaceOf(held.value());
  EXPECT_EQ(place.profile, "3g.20gb");
  EXPECT_TRUE(place.start.has_value());
  EXPECT_EQ(place.cores, "cpu:1c1g");
  EXPECT_EQ(place.tier, Tier::kCpu);
  EXPECT_TRUE(place.simulated);
}

}  // namespace
}  // namespace bulkhead::node
