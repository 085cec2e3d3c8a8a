// SPDX-License-Identifier: Apache-2.0
#include "advice/use_history.h"

#include <limits>

#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

TEST(ShareCounts, GivesQuantilesRoundedUpToAStep) {
  ShareCounts counts;
  for (int i = 0; i < 95; ++i) counts.Add(0.31);
  for (int i = 0; i < 5; ++i) counts.Add(0.99);
  EXPECT_EQ(counts.count(), 100U);
  EXPECT_DOUBLE_EQ(counts.Quantile(0.95), 0.32);
  EXPECT_DOUBLE_EQ(counts.Quantile(0.96), 1.0);
  EXPECT_DOUBLE_EQ(counts.Quantile(0), 0.32);
}

TEST(ShareCounts, TakesWhatIsOutsideForTheNearerEnd) {
  ShareCounts counts;
  counts.Add(-1);
  counts.Add(std::numeric_limits<double>::quiet_NaN());
  counts.Add(7);
  EXPECT_EQ(counts.Quantile(0.5), 0);
  EXPECT_EQ(counts.Quantile(1), 1);
  EXPECT_EQ(ShareCounts().Quantile(0.5), 0);
}

TEST(UseHistory, SumsHoursUp) {
  HourOfUse first{.hour = 1, .memory_used_max_mib = 700, .frames = 3, .p99_ms = 9};
  HourOfUse second{.hour = 2, .memory_used_max_mib = 900, .frames = 4, .p99_ms = {}};
  for (int i = 0; i < 30; ++i) first.engine_active.Add(0.5);
  for (int i = 0; i < 10; ++i) second.engine_active.Add(0.9);
  for (int i = 0; i < 39; ++i) second.dram_active.Add(0.2);
  const HourOfUse hours[] = {first, second};
  const Evidence sum = SumUp(hours);
  EXPECT_EQ(sum.hours, 2U);
  EXPECT_EQ(sum.readings, 39U);
  EXPECT_DOUBLE_EQ(sum.engine_p95, 0.9);
  EXPECT_DOUBLE_EQ(sum.dram_p95, 0.2);
  EXPECT_EQ(sum.memory_max_mib, 900);
  EXPECT_EQ(sum.frames, 7U);
  EXPECT_EQ(sum.p99_ms, 9);
}

}  // namespace
}  // namespace bulkhead::advice
