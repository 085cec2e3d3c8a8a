// SPDX-License-Identifier: Apache-2.0
#include "node/backoff.h"

#include <gtest/gtest.h>

namespace bulkhead::node {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr BackoffPolicy kPolicy{milliseconds(100), milliseconds(1000), milliseconds(5000), 1000,
                                milliseconds(60'000)};

TEST(Backoff, DoublesToTheLongestWaitAndStaysThere) {
  std::mt19937_64 random(1);
  Backoff backoff;
  for (const int expected : {100, 200, 400, 800, 1000, 1000, 1000}) {
    const auto wait = NextWait(kPolicy, TimePoint(0), nanoseconds(0), random, backoff);
    ASSERT_TRUE(wait);
    EXPECT_LE(*wait, milliseconds(expected));
    EXPECT_GE(*wait, milliseconds(expected) / 2);
  }
}

TEST(Backoff, SpreadsWaitsOverTheUpperHalf) {
  std::mt19937_64 random(1);
  nanoseconds shortest = hours(1);
  nanoseconds longest{0};
  for (int i = 0; i < 200; ++i) {
    Backoff backoff;
    const auto wait = NextWait(kPolicy, TimePoint(0), nanoseconds(0), random, backoff);
    shortest = std::min(shortest, *wait);
    longest = std::max(longest, *wait);
  }
  EXPECT_LT(shortest, milliseconds(55));
  EXPECT_GT(longest, milliseconds(95));
}

TEST(Backoff, IsTheSameForTheSameChance) {
  std::mt19937_64 one(7);
  std::mt19937_64 other(7);
  Backoff first;
  Backoff second;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(NextWait(kPolicy, TimePoint(0), nanoseconds(0), one, first),
              NextWait(kPolicy, TimePoint(0), nanoseconds(0), other, second));
  }
}

TEST(Backoff, StartsOverAfterAStableRun) {
  std::mt19937_64 random(1);
  Backoff backoff;
  for (int i = 0; i < 5; ++i) NextWait(kPolicy, TimePoint(0), nanoseconds(0), random, backoff);
  EXPECT_GE(NextWait(kPolicy, TimePoint(0), milliseconds(4999), random, backoff),
            milliseconds(500));
  EXPECT_LE(NextWait(kPolicy, TimePoint(0), milliseconds(5000), random, backoff),
            milliseconds(100));
  EXPECT_GE(NextWait(kPolicy, TimePoint(0), nanoseconds(0), random, backoff), milliseconds(100));
}

TEST(Backoff, GivesUpAtTheLastFailureThatTheWindowAllows) {
  BackoffPolicy policy = kPolicy;
  policy.failures_max = 3;
  std::mt19937_64 random(1);
  Backoff backoff;
  EXPECT_TRUE(NextWait(policy, TimePoint(0), hours(9), random, backoff));
  EXPECT_TRUE(NextWait(policy, milliseconds(1), hours(9), random, backoff));
  EXPECT_FALSE(NextWait(policy, milliseconds(59'999), hours(9), random, backoff));
}

TEST(Backoff, ForgetsFailuresThatLeftTheWindow) {
  BackoffPolicy policy = kPolicy;
  policy.failures_max = 3;
  std::mt19937_64 random(1);
  Backoff backoff;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(NextWait(policy, milliseconds(30'000) * i, nanoseconds(0), random, backoff)) << i;
    EXPECT_LE(backoff.failures.size(), 2U);
  }
}

TEST(Backoff, SurvivesAPolicyWithoutAnyWait) {
  const BackoffPolicy policy{milliseconds(0), milliseconds(0), milliseconds(0), 0, milliseconds(0)};
  std::mt19937_64 random(1);
  Backoff backoff;
  EXPECT_FALSE(NextWait(policy, TimePoint(0), nanoseconds(0), random, backoff));
  BackoffPolicy eager = policy;
  eager.failures_max = 2;
  EXPECT_EQ(NextWait(eager, TimePoint(1), nanoseconds(0), random, backoff), nanoseconds(0));
}

}  // namespace
}  // namespace bulkhead::node
