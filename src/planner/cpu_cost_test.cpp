// SPDX-License-Identifier: Apache-2.0
#include "planner/cpu_cost.h"

#include <limits>

#include <gtest/gtest.h>

namespace bulkhead::planner {
namespace {

SizingInput Model(uint64_t weights, uint64_t input, uint64_t activations) {
  SizingInput model;
  model.weights_bytes = weights;
  model.input_bytes = input;
  model.peak_activation_bytes = activations;
  return model;
}

TEST(PredictCpuMemory, PeaksWhileALargeModelIsRead) {
  const CpuMemory memory = PredictCpuMemory(Model(100'000'000, 5'000'000, 60'000'000));
  EXPECT_EQ(memory.reading_bytes, 412'000'000U);
  EXPECT_EQ(memory.serving_bytes, 296'000'000U);
  EXPECT_EQ(memory.peak(), memory.reading_bytes);
}

TEST(PredictCpuMemory, PeaksWhileALargePictureIsServed) {
  const CpuMemory memory = PredictCpuMemory(Model(10'000'000, 20'000'000, 80'000'000));
  EXPECT_EQ(memory.reading_bytes, 65'500'000U);
  EXPECT_EQ(memory.serving_bytes, 271'000'000U);
  EXPECT_EQ(memory.peak(), memory.serving_bytes);
}

TEST(PredictCpuMemory, SurvivesSizesWithoutEnd) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  const CpuMemory memory = PredictCpuMemory(Model(kMost, kMost, kMost));
  EXPECT_EQ(memory.reading_bytes, kMost);
  EXPECT_EQ(memory.serving_bytes, kMost);
}

TEST(PredictCpuSeconds, GrowsWithArithmeticFromOneMeasuredModel) {
  SizingInput measured;
  measured.flops = 28.6e9;
  SizingInput larger;
  larger.flops = 3 * measured.flops;
  const std::optional<CpuSpeed> speed = MeasuredSpeed(measured, 0.25);
  ASSERT_TRUE(speed.has_value());
  EXPECT_DOUBLE_EQ(PredictCpuSeconds(measured, *speed), 0.25);
  EXPECT_DOUBLE_EQ(PredictCpuSeconds(larger, *speed), 0.75);
}

TEST(MeasuredSpeed, IsNoneOfWhatWasNotMeasured) {
  SizingInput measured;
  EXPECT_FALSE(MeasuredSpeed(measured, 0.25).has_value());
  measured.flops = 1e9;
  EXPECT_FALSE(MeasuredSpeed(measured, 0).has_value());
  EXPECT_FALSE(MeasuredSpeed(measured, std::numeric_limits<double>::quiet_NaN()).has_value());
}

}  // namespace
}  // namespace bulkhead::planner
