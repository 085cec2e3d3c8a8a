// SPDX-License-Identifier: Apache-2.0
// Workers and nodes that end, hang or lie.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/test_fleet.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using testing::HasSubstr;

class FleetFailureTest : public FleetTest {};

TEST_F(FleetFailureTest, FollowsAWorkerThatTheNodeStartsAgain) {
  OpenWithNode();
  const std::string name = Serving();
  End(name, node::Phase::kBackingOff);
  EXPECT_EQ(Goes(), "unavailable");
  EXPECT_EQ(State().phase, DeploymentPhase::kFailed);
  EXPECT_THAT(State().reason->detail, HasSubstr("SIGSEGV"));
  BecomeReady(name, 2);
  EXPECT_EQ(Goes(), name);
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
  EXPECT_FALSE(State().reason);
  EXPECT_EQ(fleet_->Workers().at(0).starts, 2);
  EXPECT_TRUE(Silent());
}

TEST_F(FleetFailureTest, ServesOnWithTheReplicasThatAreLeft) {
  OpenWithNode();
  Set({ADeployment(1, 2)});
  const std::string first = NextLaunch();
  const std::string second = NextLaunch();
  BecomeReady(first);
  BecomeReady(second);
  End(first, node::Phase::kBackingOff);
  EXPECT_EQ(Goes(), second);
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
}

TEST_F(FleetFailureTest, EndsAndReplacesAWorkerThatTheNodeGaveUp) {
  OpenWithNode();
  const std::string name = Serving();
  End(name, node::Phase::kFailed);
  EXPECT_EQ(NextOrder(), "destroy " + name);
  EXPECT_TRUE(Silent());
  End(name);
  const std::string next = NextLaunch();
  EXPECT_NE(next, name);
  BecomeReady(next);
  EXPECT_EQ(Goes(), next);
}

TEST_F(FleetFailureTest, LeavesAWorkerDownThatMadeAForbiddenCallUntilItIsTriedAgain) {
  OpenWithNode();
  const std::string name = Serving();
  End(name, node::Phase::kFailed, isolation::EndReason::kViolated);
  EXPECT_TRUE(Silent());
  EXPECT_EQ(State().phase, DeploymentPhase::kFailed);
  EXPECT_EQ(fleet_->Workers().at(0).phase, WorkerPhase::kFailed);
  Set({ADeployment()});
  EXPECT_TRUE(Silent());
  fleet_->TryAgain(ADeployment().id);
  EXPECT_EQ(NextOrder(), "destroy " + name);
  End(name);
  BecomeReady(NextLaunch());
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
}

TEST_F(FleetFailureTest, EndsAndReplacesAWorkerThatBreaksTheProtocol) {
  OpenWithNode();
  const std::string name = Serving();
  workers_[name + "/1"].Send(channel::BytesOf(std::string(64, 'x')));
  EXPECT_EQ(NextOrder(), "destroy " + name);
  EXPECT_EQ(Goes(), "unavailable");
  EXPECT_THAT(log_, HasSubstr(name));
  End(name);
  BecomeReady(NextLaunch());
  EXPECT_NE(Goes(), "unavailable");
}

TEST_F(FleetFailureTest, EndsAWorkerThatClosedItsSocketAndLivesOn) {
  rules_.hello_timeout = std::chrono::milliseconds(1);
  OpenWithNode();
  const std::string name = Serving();
  workers_[name + "/1"].Close();
  EXPECT_EQ(NextOrder(), "destroy " + name);
}

TEST_F(FleetFailureTest, LeavesAWorkerThatClosedItsSocketToTheNode) {
  OpenWithNode();
  const std::string name = Serving();
  workers_[name + "/1"].Close();
  RunReady(io_);
  EXPECT_EQ(Goes(), "unavailable");
  End(name, node::Phase::kBackingOff);
  BecomeReady(name, 2);
  EXPECT_EQ(Goes(), name);
  EXPECT_TRUE(Silent());
}

TEST_F(FleetFailureTest, TriesAFirstVersionAgainUntilThereIsRoom) {
  OpenWithNode();
  Set({ADeployment()});
  Hear(LaunchRefused{NextLaunch(), base::OperatorError(Code::kExhausted, "no room")});
  EXPECT_EQ(State().phase, DeploymentPhase::kFailed);
  BecomeReady(NextLaunch());
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
}

TEST_F(FleetFailureTest, DoesNotRepeatALaunchThatCannotSucceed) {
  OpenWithNode();
  Set({ADeployment()});
  Hear(LaunchRefused{NextLaunch(), base::OperatorError(Code::kInvalid, "not a profile")});
  EXPECT_EQ(State().phase, DeploymentPhase::kFailed);
  EXPECT_EQ(fleet_->Workers().at(0).phase, WorkerPhase::kFailed);
  EXPECT_TRUE(Silent());
}

TEST_F(FleetFailureTest, EndsAWorkerWhoseTierIsAllowedNoMore) {
  OpenWithNode();
  const std::string name = Serving();
  DesiredDeployment stricter = ADeployment();
  stricter.tiers = {device::Tier::kHard};
  Set({stricter});
  EXPECT_EQ(NextOrder(), "destroy " + name);
  EXPECT_EQ(Goes(), "unavailable");
  End(name);
  EXPECT_EQ(State().reason->code, Code::kDenied);
  EXPECT_TRUE(Silent());
  Set({ADeployment()});
  BecomeReady(NextLaunch());
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
}

TEST_F(FleetFailureTest, StartsEverythingAgainWhenTheNodeIsBack) {
  OpenWithNode();
  const std::string name = Serving();
  const auto call = Route();
  Hear(NodeDown{base::OperatorError(Code::kUnavailable, "closed")});
  EXPECT_EQ(Goes(), "unavailable");
  EXPECT_EQ(State().phase, DeploymentPhase::kStarting);
  EXPECT_TRUE(Silent());
  Hear(NodeUp{});
  const std::string next = NextLaunch();
  EXPECT_NE(next, name);
  BecomeReady(next);
  EXPECT_EQ(Goes(), next);
}

TEST_F(FleetFailureTest, ForgetsWhatWasOnItsWayOutWhenTheNodeIsGone) {
  OpenWithNode();
  const std::string name = Serving();
  Set({});
  EXPECT_EQ(NextOrder(), "drain " + name);
  Hear(NodeDown{base::OperatorError(Code::kUnavailable, "closed")});
  EXPECT_TRUE(fleet_->Workers().empty());
  Hear(NodeUp{});
  EXPECT_TRUE(Silent());
}

TEST_F(FleetFailureTest, EndsAWorkerWhoseLaunchTheNodeDidNotAnswerInTime) {
  OpenWithNode();
  Set({ADeployment()});
  const std::string name = NextLaunch();
  Hear(LaunchRefused{name, base::OperatorError(Code::kDeadline, "no answer")});
  EXPECT_EQ(NextOrder(), "destroy " + name);
  Hear(OrderRefused{name, base::OperatorError(Code::kNotFound, "no such worker")});
  End(name);
  EXPECT_NE(NextLaunch(), name);
  EXPECT_TRUE(Silent());
}

TEST_F(FleetFailureTest, AsksAgainToEndAWorkerWhenNothingCameOfIt) {
  rules_.hello_timeout = std::chrono::milliseconds(1);
  OpenWithNode();
  Set({ADeployment()});
  const std::string name = NextLaunch();
  Set({});
  EXPECT_EQ(NextOrder(), "destroy " + name);
  EXPECT_EQ(NextOrder(), "destroy " + name);
}

TEST_F(FleetFailureTest, EndsAWorkerThatItDoesNotKnow) {
  OpenWithNode();
  SayReady("somebody-v1-r0-9");
  EXPECT_EQ(NextOrder(), "destroy somebody-v1-r0-9");
}

TEST_F(FleetFailureTest, EndsTheCallsOfAWorkerThatEnded) {
  OpenWithNode();
  const std::string name = Serving();
  auto call = Route();
  auto reply = Start(io_, (*call)->value().Detect({.encoded = launched_.setup}, {}));
  RunReady(io_);
  End(name, node::Phase::kBackingOff);
  ASSERT_TRUE(*reply);
  EXPECT_EQ((*reply)->error().code, Code::kUnavailable);
  EXPECT_EQ(fleet_->Workers().at(0).phase, WorkerPhase::kBackingOff);
}

}  // namespace
}  // namespace bulkhead::fleet
