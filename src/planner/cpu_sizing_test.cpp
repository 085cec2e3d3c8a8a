// SPDX-License-Identifier: Apache-2.0
#include "planner/cpu_sizing.h"

#include <gtest/gtest.h>

namespace bulkhead::planner {
namespace {

constexpr uint64_t kMillion = 1'000'000;

TEST(SizeForCpu, GivesSizeNOneCoreAndLargerOnesTwo) {
  EXPECT_EQ(SizeForCpu(13 * kMillion), (CpuSize{1, 1}));   // YOLOv8n
  EXPECT_EQ(SizeForCpu(45 * kMillion), (CpuSize{2, 2}));   // YOLOv8s
  EXPECT_EQ(SizeForCpu(104 * kMillion), (CpuSize{2, 3}));  // YOLOv8m
}

TEST(SizeForCpu, ChangesAtTheBoundsOfSizing) {
  EXPECT_EQ(SizeForCpu(20 * kMillion + 3), (CpuSize{1, 1}));
  EXPECT_EQ(SizeForCpu(20 * kMillion + 4), (CpuSize{2, 2}));
  EXPECT_EQ(SizeForCpu(54 * kMillion + 3), (CpuSize{2, 2}));
  EXPECT_EQ(SizeForCpu(54 * kMillion + 4), (CpuSize{2, 3}));
}

TEST(SizeForCpu, AddsTwiceTheFileInWholeGib) {
  EXPECT_EQ(SizeForCpu((uint64_t{1} << 29) - 1).memory_gib, 3U);
  EXPECT_EQ(SizeForCpu(uint64_t{1} << 29).memory_gib, 4U);
  EXPECT_EQ(SizeForCpu(0), (CpuSize{1, 1}));
}

// 3.85 times two GiB are 7.7, and a tenth more 8.5.
TEST(SizeForCpu, HoldsWhatReadingALargeFileTakes) {
  EXPECT_EQ(SizeForCpu(uint64_t{2} << 30).memory_gib, 9U);
  EXPECT_GE(SizeForCpu(~uint64_t{0}).memory_gib, uint64_t{1} << 33);
}

}  // namespace
}  // namespace bulkhead::planner
