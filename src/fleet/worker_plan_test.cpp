// SPDX-License-Identifier: Apache-2.0
#include "fleet/worker_plan.h"

#include <gtest/gtest.h>

namespace bulkhead::fleet {
namespace {

WorkerPlan APlan(const std::string& profile) {
  WorkerPlan plan;
  plan.deployment = {"DeploymentAbcdef"};
  plan.profile = profile;
  plan.cores = "cpu:3c4g";
  plan.tiers = {device::Tier::kHard};
  return plan;
}

constexpr const char* kGpuProfiles[] = {"3g.20gb", "gpu", "shared:25p4g"};

TEST(PlanSetup, RunsTheNetworkOnCoresForAProfileOfCores) {
  const auto setup = PlanSetup(APlan("cpu:2c4g"), {}, {}).value();
  EXPECT_EQ(setup.threads, 2);
  EXPECT_EQ(setup.provider, channel::Setup{}.provider);
}

TEST(PlanSetup, RunsTheNetworkOnTheGpuWithTheThreadsOfTheCoresBesideIt) {
  for (const char* profile : kGpuProfiles) {
    const auto setup = PlanSetup(APlan(profile), {{"A100-40GB"}, false}, {}).value();
    EXPECT_EQ(setup.provider, "cuda") << profile;
    EXPECT_EQ(setup.threads, 3) << profile;
  }
}

TEST(PlanSetup, RunsTheNetworkOnCoresWhereTheGpusAreSimulated) {
  for (const char* profile : kGpuProfiles) {
    const auto setup = PlanSetup(APlan(profile), {{"A100-40GB"}, true}, {}).value();
    EXPECT_EQ(setup.provider, channel::Setup{}.provider) << profile;
    EXPECT_EQ(setup.threads, 3) << profile;
  }
}

TEST(PlanSetup, TakesTheLimitsOfTheFleet) {
  FleetRules rules;
  rules.batch_max = 5;
  rules.frames_in_flight_max = 9;
  const auto setup = PlanSetup(APlan("3g.20gb"), {}, rules).value();
  EXPECT_EQ(setup.batch_max, 5);
  EXPECT_EQ(setup.frames_in_flight_max, 9);
}

TEST(PlanSetup, RefusesCoresThatAreNone) {
  WorkerPlan plan = APlan("3g.20gb");
  plan.cores = "";
  EXPECT_EQ(PlanSetup(plan, {}, {}).error().code, base::Code::kInvalid);
  EXPECT_FALSE(PlanSetup(APlan("cpu:none"), {}, {}).ok());
}

TEST(PlanLaunch, NamesTheCoresOnlyBesideAGpu) {
  EXPECT_EQ(PlanLaunch(APlan("3g.20gb"), "a", {}).cores, "cpu:3c4g");
  EXPECT_EQ(PlanLaunch(APlan("cpu:2c4g"), "a", {}).cores, "");
  EXPECT_EQ(PlanLaunch(APlan("3g.20gb"), "a", {}).tiers, APlan("").tiers);
}

}  // namespace
}  // namespace bulkhead::fleet
