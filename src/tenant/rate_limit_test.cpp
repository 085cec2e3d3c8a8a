// SPDX-License-Identifier: Apache-2.0
#include "tenant/rate_limit.h"

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(RateLimit, LetsABurstThroughAndThenTheRate) {
  RateLimit limit({.per_second = 10, .burst_seconds = 2});
  int64_t now = 5 * kSecond;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(limit.Take(now, 1), 0) << i;
  EXPECT_EQ(limit.Take(now, 1), kSecond / 10);
  now += kSecond / 10 - 1;
  EXPECT_EQ(limit.Take(now, 1), 1);
  now += 1;
  EXPECT_EQ(limit.Take(now, 1), 0);
  EXPECT_EQ(limit.Take(now, 1), kSecond / 10);
}

TEST(RateLimit, TakesNothingWhenItRefuses) {
  RateLimit limit({.per_second = 10});
  EXPECT_EQ(limit.Take(0, 8), 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limit.Take(0, 3), kSecond / 10);
  EXPECT_EQ(limit.Remaining(0), 2U);
  EXPECT_EQ(limit.Take(0, 2), 0);
}

// A third of a second is no whole number of nanoseconds: what was rounded would add up.
TEST(RateLimit, LosesNoFractionOverALongTime) {
  RateLimit limit({.per_second = 3});
  int64_t taken = 0;
  for (int64_t now = 0; now <= 100'000 * kSecond; now += kSecond / 2) {
    while (limit.Take(now, 1) == 0) ++taken;
  }
  EXPECT_EQ(taken, 3 + 3 * 100'000);
  EXPECT_EQ(limit.Take(200'000 * kSecond, 3), 0);
  EXPECT_EQ(limit.Wait(200'000 * kSecond, 1), 333'333'334);
}

TEST(RateLimit, SaysTheFirstNanosecondThatWillDo) {
  RateLimit limit({.per_second = 7, .burst_seconds = 3});
  ASSERT_EQ(limit.Take(0, 21), 0);
  for (uint64_t amount = 1; amount <= 21; ++amount) {
    const int64_t wait = limit.Wait(0, amount);
    EXPECT_GT(limit.Wait(wait - 1, amount), 0) << amount;
    EXPECT_EQ(limit.Wait(wait, amount), 0) << amount;
  }
}

TEST(RateLimit, GivesMoreThanItHoldsWhenFullAndIsPaidBack) {
  RateLimit limit({.per_second = 10});
  EXPECT_EQ(limit.Take(0, 35), 0);
  EXPECT_EQ(limit.Remaining(0), 0U);
  EXPECT_EQ(limit.Wait(0, 1), 26 * kSecond / 10);
  EXPECT_EQ(limit.Wait(0, 35), 35 * kSecond / 10);
  EXPECT_EQ(limit.FullIn(kSecond), 25 * kSecond / 10);
  EXPECT_EQ(limit.Take(35 * kSecond / 10 - 1, 35), 1);
  EXPECT_EQ(limit.Take(35 * kSecond / 10, 35), 0);
}

TEST(RateLimit, HoldsNoMoreThanTheBurstAfterALongRest) {
  RateLimit limit({.per_second = 10});
  EXPECT_EQ(limit.Take(0, 10), 0);
  EXPECT_EQ(limit.Remaining(3600 * kSecond), 10U);
  EXPECT_EQ(limit.Take(3600 * kSecond, 10), 0);
  EXPECT_EQ(limit.Take(3600 * kSecond, 1), kSecond / 10);
}

TEST(RateLimit, GivesNothingWhereTheRateIsNothing) {
  RateLimit limit({.per_second = 0});
  EXPECT_EQ(limit.Take(0, 1), RateLimit::kNever);
  EXPECT_EQ(limit.Take(INT64_MAX, 1), RateLimit::kNever);
  EXPECT_EQ(limit.Take(0, 0), 0);
  EXPECT_EQ(limit.FullIn(0), 0);
}

TEST(RateLimit, IsNotFooledByATimeThatGoesBack) {
  RateLimit limit({.per_second = 10});
  EXPECT_EQ(limit.Take(100 * kSecond, 10), 0);
  EXPECT_EQ(limit.Take(50 * kSecond, 1), kSecond / 10);
  EXPECT_EQ(limit.Take(100 * kSecond + kSecond / 10, 1), 0);
}

TEST(RateLimit, HoldsTheLargestNumbers) {
  RateLimit limit({.per_second = UINT64_MAX, .burst_seconds = UINT32_MAX});
  EXPECT_EQ(limit.capacity(), UINT64_MAX);
  EXPECT_EQ(limit.Take(INT64_MIN, UINT64_MAX), 0);
  EXPECT_EQ(limit.Take(INT64_MIN, UINT64_MAX), kSecond);
  EXPECT_EQ(limit.Remaining(INT64_MAX), UINT64_MAX);
  RateLimit slow({.per_second = 1});
  EXPECT_EQ(slow.Take(0, UINT64_MAX), 0);
  EXPECT_EQ(slow.Wait(0, 1), RateLimit::kNever);
}

TEST(RateLimit, KeepsWhatWasTakenUnderAnotherRate) {
  RateLimit limit({.per_second = 10});
  ASSERT_EQ(limit.Take(0, 6), 0);
  limit.SetRate(0, {.per_second = 20});
  EXPECT_EQ(limit.Remaining(0), 14U);
  limit.SetRate(0, {.per_second = 4});
  EXPECT_EQ(limit.Remaining(0), 0U);
  EXPECT_EQ(limit.Wait(0, 4), kSecond);
  limit.SetRate(kSecond / 2, {.per_second = 8});
  EXPECT_EQ(limit.Remaining(kSecond / 2), 6U);
}

}  // namespace
}  // namespace bulkhead::tenant
