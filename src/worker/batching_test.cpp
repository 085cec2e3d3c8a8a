// SPDX-License-Identifier: Apache-2.0
#include "worker/batching.h"

#include <gtest/gtest.h>

namespace bulkhead::worker {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr BatchPolicy kFour{4, microseconds(2000)};
constexpr microseconds kStart(1'000'000);

TEST(DecideBatch, RunsALoneFrameAtOnce) {
  EXPECT_EQ(DecideBatch({1, kStart}, kFour, kStart).run, 1U);
}

TEST(DecideBatch, RunsAFullBatchAtOnce) {
  EXPECT_EQ(DecideBatch({4, kStart}, kFour, kStart).run, 4U);
}

TEST(DecideBatch, NeverRunsMoreThanABatch) {
  EXPECT_EQ(DecideBatch({9, kStart}, kFour, kStart).run, 4U);
}

TEST(DecideBatch, WaitsForMoreWhileSeveralWait) {
  const BatchDecision decision = DecideBatch({2, kStart}, kFour, kStart + microseconds(1999));
  EXPECT_EQ(decision.run, 0U);
  EXPECT_EQ(decision.wait_until, nanoseconds(kStart + microseconds(2000)));
}

TEST(DecideBatch, RunsWhatIsThereWhenTheWaitIsOver) {
  EXPECT_EQ(DecideBatch({2, kStart}, kFour, kStart + microseconds(2000)).run, 2U);
}

TEST(DecideBatch, DoesNotWaitWhenNoMoreWillCome) {
  EXPECT_EQ(DecideBatch({2, kStart, nanoseconds(0), true}, kFour, kStart).run, 2U);
}

TEST(DecideBatch, EndsTheWaitBeforeADeadline) {
  const nanoseconds deadline = kStart + microseconds(3000);
  const BatchDecision decision = DecideBatch({2, kStart, deadline}, kFour, kStart);
  EXPECT_EQ(decision.run, 0U);
  EXPECT_EQ(decision.wait_until, nanoseconds(kStart + microseconds(1000)));
  EXPECT_EQ(DecideBatch({2, kStart, deadline}, kFour, kStart + microseconds(1000)).run, 2U);
}

TEST(DecideBatch, LeavesAFarDeadlineOutOfIt) {
  const nanoseconds deadline = kStart + microseconds(1'000'000);
  EXPECT_EQ(DecideBatch({2, kStart, deadline}, kFour, kStart).wait_until,
            nanoseconds(kStart + microseconds(2000)));
}

TEST(DecideBatch, TakesFramesOneByOneWithoutBatching) {
  EXPECT_EQ(DecideBatch({3, kStart}, {1, microseconds(2000)}, kStart).run, 1U);
  EXPECT_EQ(DecideBatch({3, kStart}, {0, microseconds(2000)}, kStart).run, 1U);
}

TEST(DecideBatch, HasNothingToRunWhenNothingWaits) {
  EXPECT_EQ(DecideBatch({}, kFour, kStart).run, 0U);
}

}  // namespace
}  // namespace bulkhead::worker
