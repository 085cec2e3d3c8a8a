// SPDX-License-Identifier: Apache-2.0
#include "gateway/use_recorder.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "advice/share_bytes.h"

namespace bulkhead::gateway {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kHour = 3'600'000;

ServedDeployment Served(uint64_t frames, std::string profile = "cpu:1c2g") {
  ServedDeployment served{{"d"}, {"T"}, {"line-3"}, std::move(profile), frames, {}};
  for (uint64_t i = 0; i < frames; ++i) served.requests.Observe(std::chrono::milliseconds(40));
  return served;
}

advice::DeviceReading Reading(int instance, double engine) {
  advice::DeviceReading reading;
  reading.key = {"GPU-a", instance};
  reading.gpu_model = "NVIDIA A100-SXM4-40GB";
  reading.engine_active = engine;
  reading.dram_active = 0.1;
  reading.memory_used_mib = 812;
  return reading;
}

DeviceUser User(const std::string& deployment, int instance) {
  return {{deployment}, "2g.10gb", {"GPU-a", instance}};
}

TEST(DeviceOf, IsTheGpuAndTheInstanceThatAWorkerWasLaunchedOn) {
  EXPECT_EQ(DeviceOf("GPU-a", "gpu0-gi7"), (advice::DeviceKey{"GPU-a", 7}));
  EXPECT_EQ(DeviceOf("GPU-a", "gpu12"), (advice::DeviceKey{"GPU-a", {}}));
  EXPECT_EQ(DeviceOf("cpu", "cpu-0"), std::nullopt);
  EXPECT_EQ(DeviceOf("GPU-a", "gpu0-gi"), std::nullopt);
  EXPECT_EQ(DeviceOf("GPU-a", "gpu0-gi-1"), std::nullopt);
}

TEST(UseRecorder, CountsToEachHourWhatWasServedInIt) {
  UseRecorder recorder("w");
  recorder.Count(std::vector{Served(3)}, 5 * kHour);
  recorder.Count(std::vector{Served(4)}, 5 * kHour + 1);
  recorder.Count(std::vector{Served(9)}, 6 * kHour);
  const auto rows = recorder.TakeChanged();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].hour_unix_ms, 5 * kHour);
  EXPECT_EQ(rows[0].frames, 4U);
  EXPECT_EQ(rows[0].p99_us, 50'000U);
  EXPECT_EQ(rows[0].profile, "cpu:1c2g");
  EXPECT_EQ(rows[0].writer, "w");
  EXPECT_EQ(rows[1].frames, 5U);
}

TEST(UseRecorder, KeepsTheHoursOfADeploymentThatServesNothing) {
  UseRecorder recorder("w");
  recorder.Count(std::vector{Served(0)}, 5 * kHour);
  const auto rows = recorder.TakeChanged();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].frames, 0U);
  EXPECT_EQ(rows[0].p99_us, std::nullopt);
  recorder.Count(std::vector{Served(0)}, 5 * kHour + 1);
  EXPECT_THAT(recorder.TakeChanged(), IsEmpty()) << "nothing new";
}

TEST(UseRecorder, GivesAWholeHourAgainWhenItChangedOrWasNotWritten) {
  UseRecorder recorder("w");
  recorder.Count(std::vector{Served(3)}, 5 * kHour);
  const auto first = recorder.TakeChanged();
  recorder.Count(std::vector{Served(4)}, 5 * kHour + 1);
  const auto second = recorder.TakeChanged();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].frames, 4U);
  recorder.PutBack(second);
  recorder.Count(std::vector{Served(4)}, 6 * kHour);
  const auto third = recorder.TakeChanged();
  ASSERT_THAT(third, SizeIs(2));
  EXPECT_EQ(third[0], second[0]);
}

TEST(UseRecorder, ForgetsHoursThatAStoreDidNotTakeForTooLong) {
  UseRecorder recorder("w");
  for (int64_t hour = 0; hour < 100; ++hour) {
    recorder.Count(std::vector{Served(3)}, hour * kHour);
    recorder.PutBack(recorder.TakeChanged());
  }
  EXPECT_THAT(recorder.TakeChanged(), SizeIs(UseRecorder::kHoursKept + 1));
}

TEST(UseRecorder, KeepsProfilesApart) {
  UseRecorder recorder("w");
  recorder.Count(std::vector{Served(3, "2g.10gb")}, 5 * kHour);
  recorder.Count(std::vector{Served(5, "1g.5gb")}, 5 * kHour + 1);
  const auto rows = recorder.TakeChanged();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].profile, "1g.5gb");
  EXPECT_EQ(rows[0].frames, 2U);
}

TEST(UseRecorder, KnowsWhoseReadingsTheyAre) {
  UseRecorder recorder("w");
  const std::vector readings{Reading(3, 0.5), Reading(7, 0.9), Reading(8, 1)};
  const std::vector users{User("a", 3), User("b", 7)};
  EXPECT_EQ(recorder.Note(readings, users, 5 * kHour), 2U);
  EXPECT_EQ(recorder.Note(readings, users, 5 * kHour + 15'000), 2U);
  const auto rows = recorder.TakeChanged();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].deployment, tenant::DeploymentId{"a"});
  EXPECT_EQ(rows[0].device, "GPU-a/3");
  EXPECT_EQ(rows[0].gpu_model, "NVIDIA A100-SXM4-40GB");
  EXPECT_EQ(rows[0].memory_used_max_kib, 812U * 1024);
  const auto engine = advice::ReadShareBytes(rows[0].engine_active).value();
  EXPECT_EQ(engine.count(), 2U);
  EXPECT_DOUBLE_EQ(engine.Quantile(1), 0.5);
  EXPECT_EQ(rows[1].device, "GPU-a/7");
}

TEST(UseRecorder, InventsNoReading) {
  UseRecorder recorder("w");
  const std::vector shared{User("a", 3), User("b", 3), User("a", 3)};
  EXPECT_EQ(recorder.Note(std::vector{Reading(3, 0.5)}, shared, 0), 0U);
  EXPECT_EQ(recorder.Note({}, std::vector{User("a", 3)}, 0), 0U);
  EXPECT_THAT(recorder.TakeChanged(), IsEmpty());
  advice::DeviceReading silent;
  silent.key = {"GPU-a", 3};
  EXPECT_EQ(recorder.Note(std::vector{silent}, std::vector{User("a", 3)}, 0), 1U);
  const auto rows = recorder.TakeChanged();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(rows[0].engine_active, IsEmpty());
  EXPECT_EQ(rows[0].memory_used_max_kib, 0U);
}

}  // namespace
}  // namespace bulkhead::gateway
