// SPDX-License-Identifier: Apache-2.0
#include "advice/automatic.h"

#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

const Advice kDown{Verdict::kTooBig, "1g.5gb", {}};
const Advice kUp{Verdict::kTooSmall, "3g.20gb", {}};

TEST(Automatic, MovesOnceTheSameAdviceIsConfirmed) {
  AutomaticState state;
  EXPECT_EQ(DecideMove({}, 100, "a", kDown, state), std::nullopt);
  EXPECT_EQ(DecideMove({}, 101, "a", kDown, state), std::nullopt);
  EXPECT_EQ(DecideMove({}, 102, "a", kDown, state), "1g.5gb");
}

TEST(Automatic, BeginsAgainWhenTheAdviceChanges) {
  AutomaticState state;
  for (const Advice& advice :
       {kDown, kDown, kUp, kDown, kDown, Advice{Verdict::kFits, {}, {}}, kDown, kDown}) {
    EXPECT_EQ(DecideMove({}, 100, "a", advice, state), std::nullopt);
  }
  EXPECT_EQ(DecideMove({}, 100, "a", kDown, state), "1g.5gb");
}

TEST(Automatic, LeavesADeploymentADayBetweenMoves) {
  AutomaticState state;
  const AutomaticLimits limits{.confirmations = 1};
  EXPECT_EQ(DecideMove(limits, 100, "a", kDown, state), "1g.5gb");
  EXPECT_EQ(DecideMove(limits, 123, "a", kUp, state), std::nullopt);
  EXPECT_EQ(DecideMove(limits, 124, "a", kUp, state), "3g.20gb");
}

TEST(Automatic, MovesOnlySoManyADay) {
  AutomaticState state;
  const AutomaticLimits limits{.confirmations = 1, .moves_per_day_max = 2};
  EXPECT_TRUE(DecideMove(limits, 100, "a", kDown, state));
  EXPECT_TRUE(DecideMove(limits, 110, "b", kDown, state));
  EXPECT_FALSE(DecideMove(limits, 123, "c", kDown, state));
  EXPECT_TRUE(DecideMove(limits, 124, "c", kDown, state));
  EXPECT_FALSE(DecideMove({.confirmations = 1, .moves_per_day_max = 0}, 900, "d", kDown, state));
}

TEST(Automatic, StaysWithinTheProfilesThatAreAllowed) {
  AutomaticState state;
  const AutomaticLimits limits{.confirmations = 1, .profiles = {"2g.10gb"}};
  EXPECT_EQ(DecideMove(limits, 100, "a", kDown, state), std::nullopt);
  EXPECT_EQ(DecideMove(limits, 100, "a", {Verdict::kTooBig, "2g.10gb", {}}, state), "2g.10gb");
}

TEST(Automatic, TouchesNothingThatIsIdleOrHasNowhereToGo) {
  AutomaticState state;
  const AutomaticLimits limits{.confirmations = 1};
  EXPECT_EQ(DecideMove(limits, 100, "a", {Verdict::kIdle, "1g.5gb", {}}, state), std::nullopt);
  EXPECT_EQ(DecideMove(limits, 100, "a", {Verdict::kTooSmall, "", {}}, state), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::advice
