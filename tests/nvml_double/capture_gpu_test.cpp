// SPDX-License-Identifier: Apache-2.0
// The program capture-gpu on a machine of the double.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/capture_output.h"
#include "device/inventory_file.h"

namespace bulkhead::device {
namespace {

base::Result<base::CommandOutput> Capture(const std::string& library) {
  return base::CaptureOutput({BULKHEAD_CAPTURE_GPU, "--library", library},
                             {"BULKHEAD_NVML_DOUBLE=A100-40GBx2", "ASAN_OPTIONS=detect_leaks=0"},
                             std::size_t{1} << 20, std::chrono::minutes(1));
}

TEST(CaptureGpu, WritesWhatCanBeSimulated) {
  const auto written = Capture(BULKHEAD_NVML_DOUBLE);
  ASSERT_TRUE(written.ok()) << written.error().detail;
  const auto gpus = ParseInventory(written.value().out);
  ASSERT_TRUE(gpus.ok()) << gpus.error().detail;
  ASSERT_EQ(gpus.value().size(), 2U);
  const mig::GpuModel& known = *mig::FindGpuModel("A100-40GB");
  EXPECT_EQ(gpus.value()[1].model.product, known.product);
  EXPECT_EQ(gpus.value()[1].model.units, known.units);
  EXPECT_EQ(gpus.value()[1].model.profiles.size(), known.profiles.size());
}

TEST(CaptureGpu, SaysThatThereIsNoDriver) {
  const auto written = Capture("/no/such/libnvidia-ml.so.1");
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().detail, testing::HasSubstr("driver is not here"));
}

}  // namespace
}  // namespace bulkhead::device
