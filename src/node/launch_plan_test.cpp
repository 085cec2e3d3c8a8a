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

// Every profile on every kind of node for every policy that a tenant can have.
TEST_F(LaunchPlanTest, KeepsEveryPolicyForEveryProfileOnEveryNode) {
  struct Case {
    const char* profile;
    Tier on_real;
    Tier on_simulated;
  };
  for (const Case& one :
       {Case{"cpu:1c1g", Tier::kCpu, Tier::kCpu}, Case{"1g.5gb", Tier::kHard, Tier::kCpu},
        Case{"gpu", Tier::kDedicated, Tier::kCpu}, Case{"shared:25p4g", Tier::kSoft, Tier::kCpu}}) {
    for (const bool simulated : {false, true}) {
      const NodeDevices devices{cores_, simulated ? simulated_.get() : real_.get()};
      for (unsigned policy = 1; policy < 16; ++policy) {
        SCOPED_TRACE(testing::Message() << one.profile << ' ' << simulated << ' ' << policy);
        Launch launch = ALaunch(one.profile);
        launch.tiers.clear();
        for (unsigned tier = 0; tier < 4; ++tier) {
          if ((policy >> tier & 1U) != 0) launch.tiers.push_back(static_cast<Tier>(tier));
        }
        const Tier tier = simulated ? one.on_simulated : one.on_real;
        const auto wanted = PlanPartitions(launch, devices);
        const bool allowed = (policy >> static_cast<unsigned>(tier) & 1U) != 0;
        ASSERT_EQ(wanted.ok(), allowed);
        if (!allowed) {
          EXPECT_EQ(wanted.error().code, Code::kDenied);
        }
      }
    }
  }
}

// A share is refused by the devices, whatever the tenant allows.
TEST_F(LaunchPlanTest, GivesNobodyAShareThatNothingWouldHoldToItsLimits) {
  Launch launch = ALaunch("shared:25p4g");
  launch.tiers = {Tier::kSoft, Tier::kCpu};
  for (device::DeviceBackend* gpus : {real_.get(), simulated_.get()}) {
    const NodeDevices devices{cores_, gpus};
    const auto taken = TakePartitions(devices, PlanPartitions(launch, devices).value());
    ASSERT_FALSE(taken.ok());
    EXPECT_EQ(taken.error().code, Code::kUnsupported);
    EXPECT_THAT(taken.error().detail, HasSubstr("not shared by this node"));
    EXPECT_EQ(cores_.held(), 0U);
  }
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
