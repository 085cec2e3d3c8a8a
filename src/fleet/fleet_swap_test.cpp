// SPDX-License-Identifier: Apache-2.0
// A new version in the place of an old one.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fleet/test_fleet.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using testing::HasSubstr;

class FleetSwapTest : public FleetTest {
 protected:
  // Version 1 serves, and the workers of version 2 were launched.
  void BeginSwap(uint32_t replicas = 1) {
    OpenWithNode();
    old_ = Serving(1);
    Set({ADeployment(2, replicas)});
    for (uint32_t i = 0; i < replicas; ++i) new_.push_back(NextLaunch());
  }

  void ExpectOldServesAndNewFailed(Code reason) {
    RunReady(io_);
    EXPECT_EQ(Goes(), old_);
    const DeploymentState state = State();
    EXPECT_EQ(state.serving_version, 1U);
    EXPECT_EQ(state.target_version, 2U);
    EXPECT_EQ(state.phase, DeploymentPhase::kFailed);
    ASSERT_TRUE(state.reason);
    EXPECT_EQ(state.reason->code, reason);
  }

  std::string old_;
  std::vector<std::string> new_;
};

TEST_F(FleetSwapTest, ANewVersionServesOnceAllOfItsReplicasAreReadyAndTheOldOneIsDrained) {
  BeginSwap(2);
  BecomeReady(new_[0]);
  EXPECT_EQ(Goes(), old_);
  EXPECT_EQ(State().phase, DeploymentPhase::kStarting);
  EXPECT_TRUE(Silent());
  BecomeReady(new_[1]);
  EXPECT_EQ(NextOrder(), "drain " + old_);
  EXPECT_NE(Goes(), old_);
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
  EXPECT_EQ(State().serving_version, 2U);
  EXPECT_EQ(Goes(1), "not found");
  End(old_);
  EXPECT_EQ(fleet_->Workers().size(), 2U);
}

TEST_F(FleetSwapTest, TheOldVersionAnswersWhatItHasBeforeItIsEnded) {
  BeginSwap();
  auto call = Route();
  BecomeReady(new_[0]);
  EXPECT_TRUE(Silent());
  EXPECT_EQ(Goes(), new_[0]);
  auto reply = Start(io_, (*call)->value().Detect({.encoded = launched_.setup}, {}));
  RunReady(io_);
  PlayedWorker& worker = workers_[old_ + "/1"];
  worker.Reply(worker.ReadRequests().at(0).id);
  EXPECT_EQ(NextOrder(), "drain " + old_);
  RunReady(io_);
  ASSERT_TRUE(*reply);
  EXPECT_TRUE((*reply)->ok());
}

TEST_F(FleetSwapTest, AnOldVersionThatDoesNotAnswerInTimeIsEnded) {
  rules_.drain_timeout = std::chrono::milliseconds(1);
  BeginSwap();
  const auto call = Route();
  BecomeReady(new_[0]);
  EXPECT_EQ(NextOrder(), "destroy " + old_);
}

TEST_F(FleetSwapTest, CallsThatWaitForTheOldVersionGoOnWithTheNewOne) {
  BeginSwap();
  const auto running = Route();
  const auto waits = Route();
  BecomeReady(new_[0]);
  ASSERT_TRUE(*waits);
  EXPECT_EQ((*waits)->value().worker(), new_[0]);
}

TEST_F(FleetSwapTest, ANewVersionForWhichThereIsNoRoomLeavesTheOldOneServing) {
  BeginSwap();
  Hear(LaunchRefused{new_[0], base::OperatorError(Code::kExhausted, "1 core is free")});
  ExpectOldServesAndNewFailed(Code::kExhausted);
  EXPECT_THAT(State().reason->public_message, HasSubstr("no free partition"));
  EXPECT_TRUE(Silent());
}

TEST_F(FleetSwapTest, ANewVersionThatCrashesBeforeItIsReadyLeavesTheOldOneServing) {
  BeginSwap(2);
  BecomeReady(new_[0]);
  End(new_[1], node::Phase::kBackingOff);
  EXPECT_EQ(NextOrder(), "destroy " + new_[1]);
  EXPECT_TRUE(Silent());
  End(new_[1]);
  ExpectOldServesAndNewFailed(Code::kUnavailable);
  EXPECT_THAT(State().reason->public_message, HasSubstr("SIGSEGV"));
  EXPECT_EQ(NextOrder(), "destroy " + new_[0]);
  End(new_[0]);
  EXPECT_EQ(fleet_->Workers().size(), 1U);
}

TEST_F(FleetSwapTest, ANewVersionThatSaysNoHelloLeavesTheOldOneServing) {
  rules_.hello_timeout = std::chrono::milliseconds(1);
  BeginSwap();
  SayReady(new_[0]);
  EXPECT_EQ(NextOrder(), "destroy " + new_[0]);
  End(new_[0]);
  ExpectOldServesAndNewFailed(Code::kUnavailable);
}

TEST_F(FleetSwapTest, ANewVersionOnATierThatIsNotAllowedIsEndedAndTheOldOneGoesOn) {
  BeginSwap();
  SayReady(new_[0], device::Tier::kSoft);
  EXPECT_EQ(NextOrder(), "destroy " + new_[0]);
  End(new_[0]);
  ExpectOldServesAndNewFailed(Code::kDenied);
  EXPECT_THAT(State().reason->public_message, HasSubstr("soft"));
}

TEST_F(FleetSwapTest, ANewVersionWhoseModelCannotBeReadLeavesTheOldOneServing) {
  OpenWithNode();
  old_ = Serving(1);
  model_error_ = base::OperatorError(Code::kCorrupt, "/state/models/ab: other digest");
  Set({ADeployment(2)});
  ExpectOldServesAndNewFailed(Code::kCorrupt);
  EXPECT_THAT(State().reason->public_message, testing::Not(HasSubstr("/state")));
}

TEST_F(FleetSwapTest, AFailedVersionIsTriedAgainByHandOrWhenItsDeploymentChanges) {
  BeginSwap();
  Hear(LaunchRefused{new_[0], base::OperatorError(Code::kExhausted, "")});
  Set({ADeployment(2)});
  EXPECT_TRUE(Silent());
  fleet_->TryAgain(ADeployment().id);
  const std::string again = NextLaunch();
  Hear(LaunchRefused{again, base::OperatorError(Code::kExhausted, "")});
  DesiredDeployment smaller = ADeployment(2);
  smaller.profile = "cpu:1c2g";
  Set({smaller});
  BecomeReady(NextLaunch());
  EXPECT_EQ(State().serving_version, 2U);
}

TEST_F(FleetSwapTest, GoingBackToTheOldVersionEndsTheNewOne) {
  BeginSwap();
  Set({ADeployment(1)});
  EXPECT_EQ(NextOrder(), "destroy " + new_[0]);
  EXPECT_EQ(Goes(), old_);
  EXPECT_EQ(State().phase, DeploymentPhase::kReady);
}

TEST_F(FleetSwapTest, AThirdVersionTakesThePlaceOfTheSecondBeforeThatIsReady) {
  BeginSwap();
  Set({ADeployment(3)});
  EXPECT_EQ(NextOrder(), "destroy " + new_[0]);
  const std::string third = NextLaunch();
  BecomeReady(third);
  EXPECT_EQ(Goes(), third);
}

TEST_F(FleetSwapTest, AVersionThatNeverServedIsReplacedAtOnce) {
  OpenWithNode();
  Set({ADeployment(1)});
  const std::string first = NextLaunch();
  Set({ADeployment(2)});
  EXPECT_EQ(NextOrder(), "destroy " + first);
  BecomeReady(NextLaunch());
  EXPECT_EQ(State().serving_version, 2U);
}

TEST_F(FleetSwapTest, AVersionThatBecameReadyThisVeryMomentIsNotGivenUpForTheNext) {
  OpenWithNode();
  Set({ADeployment(1)});
  old_ = NextLaunch();
  SayReady(old_).SayHello();
  RunUntil(io_, [&] { return State().replicas_ready == 1; });
  fleet_->Set({ADeployment(2)});
  EXPECT_THAT(NextLaunch(), HasSubstr("-v2-"));
  EXPECT_EQ(Goes(), old_);
}

TEST_F(FleetSwapTest, AVersionThatServesNowIsTriedAgainWhenItFailsLater) {
  BeginSwap();
  BecomeReady(new_[0]);
  EXPECT_EQ(NextOrder(), "drain " + old_);
  End(new_[0], node::Phase::kBackingOff);
  EXPECT_TRUE(Silent());
  BecomeReady(new_[0], 2);
  EXPECT_EQ(Goes(), new_[0]);
}

}  // namespace
}  // namespace bulkhead::fleet
