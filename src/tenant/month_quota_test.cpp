// SPDX-License-Identifier: Apache-2.0
#include "tenant/month_quota.h"

#include <gtest/gtest.h>

namespace bulkhead::tenant {
namespace {

constexpr int64_t kMarch = 1'772'323'200'000;  // 2026-03-01T00:00:00Z
constexpr int64_t kApril = 1'775'001'600'000;  // 2026-04-01T00:00:00Z

MonthQuota WithLimit(uint64_t frames) {
  MonthQuota quota;
  quota.SetLimit(frames);
  return quota;
}

TEST(MonthQuota, EndsAtTheExactFrame) {
  MonthQuota quota = WithLimit(100);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(quota.Reserve(kMarch + i, 1)) << i;
    quota.Commit(kMarch + i, 1);
  }
  EXPECT_FALSE(quota.Reserve(kApril - 1, 1));
  EXPECT_EQ(quota.RemainingIn(kApril - 1), 0U);
}

TEST(MonthQuota, CountsWhatIsReservedAndTakesAllOrNone) {
  MonthQuota quota = WithLimit(10);
  ASSERT_TRUE(quota.Reserve(kMarch, 7));
  EXPECT_FALSE(quota.Reserve(kMarch, 4));
  EXPECT_EQ(quota.RemainingIn(kMarch), 3U);
  ASSERT_TRUE(quota.Reserve(kMarch, 3));
  quota.Commit(kMarch, 2);
  quota.GiveBack(8);
  EXPECT_EQ(quota.UsedIn(kMarch), 2U);
  EXPECT_EQ(quota.RemainingIn(kMarch), 8U);
}

TEST(MonthQuota, BeginsWithWhatTheTotalsSay) {
  MonthQuota quota = WithLimit(10);
  quota.SetUsed(kMarch, 9);
  EXPECT_FALSE(quota.Reserve(kMarch, 2));
  EXPECT_TRUE(quota.Reserve(kMarch, 1));
}

TEST(MonthQuota, BeginsAnewWithTheMonthInUtc) {
  MonthQuota quota = WithLimit(10);
  quota.SetUsed(kMarch, 10);
  EXPECT_FALSE(quota.Fits(kApril - 1, 1));
  EXPECT_TRUE(quota.Fits(kApril, 10));
  EXPECT_EQ(quota.UsedIn(kApril), 0U);
  ASSERT_TRUE(quota.Reserve(kApril, 10));
  quota.Commit(kApril, 4);
  EXPECT_EQ(quota.UsedIn(kApril), 4U);
}

TEST(MonthQuota, CountsAFrameInTheMonthOfItsRecord) {
  MonthQuota quota = WithLimit(10);
  ASSERT_TRUE(quota.Reserve(kApril - 5, 6));
  // April begins with the six that are still out.
  EXPECT_FALSE(quota.Reserve(kApril, 5));
  ASSERT_TRUE(quota.Reserve(kApril, 4));
  quota.Commit(kApril - 1, 2);
  EXPECT_EQ(quota.UsedIn(kApril), 0U);
  quota.Commit(kApril, 8);
  EXPECT_EQ(quota.UsedIn(kApril), 8U);
  EXPECT_EQ(quota.RemainingIn(kApril), 2U);
}

TEST(MonthQuota, DoesNotBeginAnewWhenTheClockGoesBack) {
  MonthQuota quota = WithLimit(10);
  quota.SetUsed(kApril, 10);
  EXPECT_FALSE(quota.Reserve(kApril - 1, 1));
  EXPECT_FALSE(quota.Reserve(kApril, 1));
}

TEST(MonthQuota, GivesFramesThatNobodyGotBackInTheirMonthOnly) {
  MonthQuota quota = WithLimit(10);
  quota.SetUsed(kMarch, 10);
  quota.TakeBack(kMarch + 1, 1);
  EXPECT_EQ(quota.RemainingIn(kMarch + 1), 1U);
  quota.SetUsed(kApril, 5);
  quota.TakeBack(kApril - 1, 2);
  EXPECT_EQ(quota.UsedIn(kApril), 5U);
  quota.TakeBack(kApril, 9);
  EXPECT_EQ(quota.UsedIn(kApril), 0U);
}

TEST(MonthQuota, WithoutALimitOnlyCounts) {
  MonthQuota quota;
  ASSERT_TRUE(quota.Reserve(kMarch, UINT32_MAX));
  quota.Commit(kMarch, 3);
  EXPECT_EQ(quota.UsedIn(kMarch), 3U);
  quota.SetLimit(3);
  EXPECT_FALSE(quota.Fits(kMarch, 1));
}

}  // namespace
}  // namespace bulkhead::tenant
