// SPDX-License-Identifier: Apache-2.0
// Deployments from nothing to serving, and back to nothing.
#include "fleet/fleet.h"

#include <algorithm>
#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fleet/test_fleet.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST_F(FleetTest, StartsWhatIsDeployedOnceTheNodeIsThere) {
  Open();
  Set({ADeployment(7)});
  EXPECT_TRUE(Silent());
  Hear(NodeUp{});
  EXPECT_EQ(NextLaunch(), "deploymentabcdef-v7-r0-1");
  EXPECT_EQ(launched_.launch.profile, "cpu:2c4g");
  EXPECT_TRUE(launched_.launch.restart);
  EXPECT_EQ(launched_.launch.model, (seal::SealedName{"tenant-a", "plates", 7}));
  std::array<char, 64> model{};
  EXPECT_GT(::pread(launched_.model.get(), model.data(), model.size(), 0), 0);
  EXPECT_STREQ(model.data(), "tenant-a/plates/7");
  const auto setup = channel::DecodeSetup(launched_.setup);
  ASSERT_TRUE(setup.ok());
  EXPECT_EQ(setup.value().threads, 2);
  EXPECT_EQ(setup.value().frames_in_flight_max, rules_.frames_in_flight_max);
}

TEST_F(FleetTest, GivesNoCallToAWorkerBeforeItsHello) {
  OpenWithNode();
  Set({ADeployment()});
  EXPECT_EQ(Goes(), "unavailable");
  EXPECT_EQ(State().phase, DeploymentPhase::kStarting);
  const std::string name = NextLaunch();
  PlayedWorker& worker = SayReady(name);
  EXPECT_EQ(Goes(), "unavailable");
  worker.SayHello();
  RunReady(io_);
  EXPECT_EQ(Goes(), name);
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
  EXPECT_EQ(State().serving_version, 1U);
}

TEST_F(FleetTest, CallsAModelThatIsNotThereAndOneOfAnotherTenantTheSame) {
  OpenWithNode();
  Serving();
  const auto foreign = Route({}, "tenant-b", "plates");
  const auto missing = Route({}, "tenant-b", "no-model");
  ASSERT_TRUE(*foreign && *missing);
  EXPECT_EQ((*foreign)->error().code, Code::kNotFound);
  EXPECT_EQ((*foreign)->error().public_message, (*missing)->error().public_message);
  EXPECT_EQ((*foreign)->error().detail, (*missing)->error().detail);
}

TEST_F(FleetTest, FindsAVersionOnlyIfItServesOrWasAskedFor) {
  OpenWithNode();
  const std::string name = Serving(2);
  EXPECT_EQ(Goes(2), name);
  EXPECT_EQ(Goes(1), "not found");
  Set({ADeployment(3)});
  EXPECT_EQ(Goes(3), "unavailable");
  EXPECT_EQ(Goes(2), name);
}

TEST_F(FleetTest, ServesWithTheReplicasThatAreReadyWhenNothingServedBefore) {
  OpenWithNode();
  Set({ADeployment(1, 2)});
  const std::string first = NextLaunch();
  const std::string second = NextLaunch();
  BecomeReady(second);
  EXPECT_EQ(Goes(), second);
  EXPECT_EQ(State().replicas_ready, 1U);
  EXPECT_EQ(State().replicas_wanted, 2U);
  BecomeReady(first);
  EXPECT_EQ(State().replicas_ready, 2U);
}

TEST_F(FleetTest, DrainsWhatIsDeployedNoMore) {
  OpenWithNode();
  const std::string name = Serving();
  Set({});
  EXPECT_EQ(NextOrder(), "drain " + name);
  EXPECT_EQ(Goes(), "not found");
  EXPECT_EQ(fleet_->Workers().size(), 1U);
  End(name);
  EXPECT_TRUE(fleet_->Workers().empty());
  EXPECT_TRUE(Silent());
}

TEST_F(FleetTest, EndsAWorkerThatIsNotReadyWhenItIsDeployedNoMore) {
  OpenWithNode();
  Set({ADeployment()});
  const std::string name = NextLaunch();
  Set({});
  EXPECT_EQ(NextOrder(), "destroy " + name);
}

TEST_F(FleetTest, KeepsWhatIsUnloadedForALaterLoad) {
  OpenWithNode();
  const std::string name = Serving();
  DesiredDeployment unloaded = ADeployment();
  unloaded.loaded = false;
  Set({unloaded});
  EXPECT_EQ(NextOrder(), "drain " + name);
  EXPECT_EQ(Goes(), "unavailable");
  EXPECT_EQ(State().phase, DeploymentPhase::kUnloaded);
  Set({ADeployment()});
  const std::string next = NextLaunch();
  EXPECT_NE(next, name);
  BecomeReady(next);
  EXPECT_EQ(Goes(), next);
}

TEST_F(FleetTest, StartsAndDrainsReplicasAsTheirNumberChanges) {
  OpenWithNode();
  const std::string first = Serving();
  Set({ADeployment(1, 3)});
  const std::string second = NextLaunch();
  const std::string third = NextLaunch();
  EXPECT_THAT(third, HasSubstr("-r2-"));
  BecomeReady(second);
  Set({ADeployment(1, 1)});
  EXPECT_EQ(NextOrder(), "destroy " + third);
  EXPECT_EQ(NextOrder(), "drain " + second);
  EXPECT_EQ(Goes(), first);
}

TEST_F(FleetTest, LetsCallsWaitForAWorkerWithRoomAndRefusesThemWhenTooManyDo) {
  rules_.waiting_per_replica_max = 1;
  OpenWithNode();
  const std::string name = Serving();
  auto running = Route();
  const auto waits = Route();
  EXPECT_EQ(State().waiting, 1U);
  EXPECT_EQ(Goes(), "exhausted");
  running->reset();
  RunReady(io_);
  ASSERT_TRUE(*waits);
  EXPECT_EQ((*waits)->value().worker(), name);
}

TEST_F(FleetTest, SaysWhatRunsWhere) {
  OpenWithNode();
  const std::string name = Serving(4);
  const auto call = Route();
  const auto workers = fleet_->Workers();
  ASSERT_EQ(workers.size(), 1U);
  EXPECT_EQ(workers[0].name, name);
  EXPECT_EQ(workers[0].tenant.text, "tenant-a");
  EXPECT_EQ(workers[0].model.text, "plates");
  EXPECT_EQ(workers[0].version, 4U);
  EXPECT_EQ(workers[0].partition, "cpu-0");
  EXPECT_EQ(workers[0].tier, device::Tier::kCpu);
  EXPECT_TRUE(workers[0].layers.Has(isolation::Layer::kSyscallFilter));
  EXPECT_EQ(workers[0].starts, 1);
  EXPECT_EQ(workers[0].outstanding, 1U);
  EXPECT_EQ(workers[0].phase, WorkerPhase::kReady);
}

TEST_F(FleetTest, DescribesTheModelThatServes) {
  OpenWithNode();
  Set({ADeployment()});
  const tenant::TenantId tenant{"tenant-a"};
  const tenant::ModelName model{"plates"};
  EXPECT_EQ(fleet_->Describe(tenant, model, {}).error().code, Code::kUnavailable);
  BecomeReady(NextLaunch());
  const auto hello = fleet_->Describe(tenant, model, 1);
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello.value()->spec.family, "YOLO11");
  EXPECT_EQ(fleet_->Describe(tenant, model, 2).error().code, Code::kNotFound);
}

TEST_F(FleetTest, NamesWorkersAsTheNodeTakesThem) {
  OpenWithNode();
  DesiredDeployment widest = ADeployment(4'294'967'295U, 2);
  Set({widest});
  for (int i = 0; i < 2; ++i) EXPECT_THAT(NextLaunch(), MatchesRegex("[a-z0-9-]{1,64}"));
}

}  // namespace
}  // namespace bulkhead::fleet
