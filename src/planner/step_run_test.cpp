// SPDX-License-Identifier: Apache-2.0
#include "planner/step_run.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::planner {
namespace {

using testing::IsEmpty;

const Spot kOld{0, {1, 0}};
const Spot kNew{1, {1, 2}};

std::vector<Step> AMove() {
  return {{StepKind::kStart, 7, kNew, std::nullopt, 0},
          {StepKind::kSwitch, 7, kNew, kOld, 0},
          {StepKind::kDrain, 7, kOld, std::nullopt, 0},
          {StepKind::kDestroy, 7, kOld, std::nullopt, 0}};
}

void Do(StepRun& run, int steps) {
  for (int i = 0; i < steps; ++i) {
    ASSERT_TRUE(run.Next());
    run.Done();
  }
}

TEST(StepRun, EndsWhereThePlanLeads) {
  StepRun run({{kOld, 7}}, AMove());
  Do(run, 4);
  EXPECT_FALSE(run.Next());
  EXPECT_FALSE(run.failed());
  ASSERT_EQ(run.found().size(), 1U);
  EXPECT_EQ(run.found()[0].spot, kNew);
  EXPECT_EQ(run.found()[0].role, Role::kServing);
}

TEST(StepRun, GivesUpWhatWasStartedWhenAStepFailsBeforeTheSwitch) {
  StepRun run({{kOld, 7}}, AMove());
  Do(run, 1);
  run.Failed();
  EXPECT_TRUE(run.failed());
  EXPECT_EQ(run.Next(), (Step{StepKind::kDestroy, 7, kNew, std::nullopt, 0}));
  Do(run, 1);
  EXPECT_FALSE(run.Next());
  EXPECT_EQ(run.found().at(0).spot, kOld);
}

TEST(StepRun, EndsWhatWasLeftWhenAStepFailsAfterTheSwitch) {
  for (const int done : {2, 3}) {
    StepRun run({{kOld, 7}}, AMove());
    Do(run, done);
    run.Failed();
    Do(run, 2);
    EXPECT_FALSE(run.Next());
    ASSERT_EQ(run.found().size(), 1U);
    EXPECT_EQ(run.found()[0].spot, kNew);
  }
}

TEST(StepRun, LeavesWhatCannotBeDestroyedAndPutsTheOthersInOrder) {
  const Spot other{2, {1, 4}};
  std::vector<Step> steps = AMove();
  steps.insert(steps.begin() + 1, {StepKind::kStart, 8, other, std::nullopt, 0});
  StepRun run({{kOld, 7}, {{2, {1, 0}}, 8}}, steps);
  Do(run, 2);
  run.Failed();
  for (int i = 0; i < kSettleTriesMax; ++i) {
    ASSERT_EQ(run.Next()->spot, kNew);
    run.Failed();
  }
  ASSERT_EQ(run.Next()->spot, other);
  run.Done();
  EXPECT_FALSE(run.Next());
  EXPECT_EQ(run.found().size(), 3U);
}

TEST(StepRun, ServesADeploymentThatHasNoOtherOnceItIsStarted) {
  StepRun run({}, {{StepKind::kStart, 9, kNew, std::nullopt, 0}});
  Do(run, 1);
  EXPECT_EQ(run.found().at(0).role, Role::kServing);
  StepRun refused({}, {{StepKind::kStart, 9, kNew, std::nullopt, 0}});
  refused.Failed();
  EXPECT_FALSE(refused.Next());
  EXPECT_THAT(refused.found(), IsEmpty());
}

}  // namespace
}  // namespace bulkhead::planner
