// SPDX-License-Identifier: Apache-2.0
#include "advice/use_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kA100 = "NVIDIA A100-SXM4-40GB";

// What is of all devices together.
UsePart Frames(int64_t hour, const std::string& profile, uint64_t frames) {
  UsePart part{.use = {.hour = hour}, .profile = profile, .device = {}, .gpu_model = {}};
  part.use.frames = frames;
  part.use.p99_ms = 25;
  return part;
}

UsePart Readings(int64_t hour, const std::string& profile, const std::string& device, double share,
                 const std::string& gpu_model = kA100) {
  UsePart part{.use = {.hour = hour}, .profile = profile, .device = device, .gpu_model = gpu_model};
  for (int i = 0; i < 240; ++i) {
    part.use.engine_active.Add(share);
    part.use.dram_active.Add(share / 2);
  }
  part.use.memory_used_max_mib = 812;
  return part;
}

std::vector<UsePart> Days(int hours, const std::string& profile, double share) {
  std::vector<UsePart> parts;
  for (int hour = 0; hour < hours; ++hour) {
    parts.push_back(Frames(hour, profile, 10));
    parts.push_back(Readings(hour, profile, "GPU-a/2", share));
  }
  return parts;
}

TEST(ReportUse, JudgesAnHourByItsFramesAndItsReadings) {
  const UseReport report = ReportUse("3g.20gb", Days(24, "3g.20gb", 0.1));
  EXPECT_EQ(report.gpu, "A100-40GB");
  EXPECT_THAT(report.devices, ElementsAre("GPU-a/2"));
  EXPECT_EQ(report.evidence.hours, 24U);
  EXPECT_EQ(report.evidence.readings, 24U * 240);
  EXPECT_EQ(report.evidence.frames, 240U);
  EXPECT_EQ(report.evidence.p99_ms, 25);
  EXPECT_EQ(report.advice.verdict, Verdict::kTooBig);
  EXPECT_EQ(report.advice.profile, "1g.5gb");
}

TEST(ReportUse, DoesNotJudgeASliceByWhatWasUsedOfAnother) {
  auto parts = Days(48, "3g.20gb", 0.1);
  parts.push_back(Frames(48, "1g.5gb", 10));
  const UseReport report = ReportUse("1g.5gb", parts);
  EXPECT_EQ(report.evidence.hours, 1U);
  EXPECT_EQ(report.advice.verdict, Verdict::kTooLittleKnown);
}

TEST(ReportUse, TakesReplicasTogetherAndKindsOfGpuApart) {
  auto parts = Days(24, "3g.20gb", 0.1);
  parts.push_back(Readings(23, "3g.20gb", "GPU-b/1", 0.1));
  parts.push_back(Readings(3, "3g.20gb", "GPU-c/1", 0.9, "NVIDIA H100 80GB HBM3"));
  const UseReport report = ReportUse("3g.20gb", parts);
  EXPECT_THAT(report.devices, ElementsAre("GPU-a/2", "GPU-b/1"));
  EXPECT_EQ(report.evidence.readings, 25U * 240);
}

TEST(ReportUse, TellsIdlenessOfCores) {
  std::vector<UsePart> parts;
  for (int hour = 0; hour < 24; ++hour) parts.push_back(Frames(hour, "cpu:1c2g", 0));
  EXPECT_EQ(ReportUse("cpu:1c2g", parts).advice.verdict, Verdict::kIdle);
  parts.front().use.frames = 1;
  EXPECT_EQ(ReportUse("cpu:1c2g", parts).advice.verdict, Verdict::kTooLittleKnown);
}

TEST(ReportUse, KnowsAWholeGpu) {
  std::vector<UsePart> parts;
  for (int hour = 0; hour < 24; ++hour) {
    parts.push_back(Frames(hour, "gpu", 5));
    parts.push_back(Readings(hour, "gpu", "GPU-a", 0.1, "Tesla T4"));
  }
  const UseReport report = ReportUse("gpu", parts);
  EXPECT_EQ(report.gpu, "T4");
  EXPECT_EQ(report.advice.verdict, Verdict::kFits);
}

TEST(MovesIn, AreTheHoursInWhichAProfileBegan) {
  EXPECT_THAT(MovesIn(Days(5, "3g.20gb", 0.1)), IsEmpty());
  EXPECT_THAT(MovesIn(std::vector{Frames(1, "a", 0), Frames(2, "a", 0), Frames(2, "b", 0),
                                  Frames(3, "b", 0), Frames(7, "a", 0)}),
              ElementsAre(2, 7));
  EXPECT_THAT(MovesIn(std::vector{Frames(1, "a", 0), Frames(1, "b", 0)}), ElementsAre(1));
}

}  // namespace
}  // namespace bulkhead::advice
