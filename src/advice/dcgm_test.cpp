// SPDX-License-Identifier: Apache-2.0
#include "advice/dcgm.h"

#include <gtest/gtest.h>

namespace bulkhead::advice {
namespace {

constexpr std::string_view kTwoSlices =
    "# TYPE DCGM_FI_PROF_GR_ENGINE_ACTIVE gauge\n"
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu=\"0\",UUID=\"GPU-a\",device=\"nvidia0\","
    "GPU_I_PROFILE=\"1g.5gb\",GPU_I_ID=\"7\",Hostname=\"n1\"} 0.25\n"
    "DCGM_FI_PROF_DRAM_ACTIVE{UUID=\"GPU-a\",GPU_I_PROFILE=\"1g.5gb\",GPU_I_ID=\"7\"} 0.125\n"
    "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\",GPU_I_PROFILE=\"1g.5gb\",GPU_I_ID=\"7\"} 812\n"
    "DCGM_FI_DEV_FB_FREE{UUID=\"GPU-a\",GPU_I_PROFILE=\"1g.5gb\",GPU_I_ID=\"7\"} 4052\n"
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE{UUID=\"GPU-a\",GPU_I_PROFILE=\"2g.10gb\",GPU_I_ID=\"3\","
    "hostname=\"n1\"} 0.5\n"
    "DCGM_FI_DEV_POWER_USAGE{UUID=\"GPU-a\"} 61\n";

TEST(Dcgm, GivesOneReadingPerInstance) {
  const auto readings = ReadDcgm(kTwoSlices).value();
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].key, (DeviceKey{"GPU-a", 3}));
  EXPECT_EQ(readings[0].profile, "2g.10gb");
  EXPECT_EQ(readings[0].engine_active, 0.5);
  EXPECT_EQ(readings[0].memory_used_mib, std::nullopt);
  EXPECT_EQ(readings[1].key, (DeviceKey{"GPU-a", 7}));
  EXPECT_EQ(readings[1].dram_active, 0.125);
  EXPECT_EQ(readings[1].memory_used_mib, 812);
  EXPECT_EQ(readings[1].memory_free_mib, 4052);
}

TEST(Dcgm, KnowsTheHostByBothSpellings) {
  const auto readings = ReadDcgm(kTwoSlices).value();
  for (const DeviceReading& reading : readings) EXPECT_EQ(reading.host, "n1");
}

TEST(Dcgm, TellsAWholeGpuFromItsInstances) {
  const auto readings = ReadDcgm(
                            "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\"} 5\n"
                            "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\",GPU_I_ID=\"0\"} 6\n")
                            .value();
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].key, (DeviceKey{"GPU-a", std::nullopt}));
  EXPECT_EQ(readings[1].key, (DeviceKey{"GPU-a", 0}));
}

TEST(Dcgm, TakesADeviceOfSeveralPodsOnce) {
  const auto readings = ReadDcgm(
                            "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\",pod=\"x\"} 7\n"
                            "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\",pod=\"y\"} 5\n")
                            .value();
  ASSERT_EQ(readings.size(), 1U);
  EXPECT_EQ(readings[0].memory_used_mib, 7);
}

TEST(Dcgm, LeavesOutWhatIsNotAvailableOrNobodys) {
  const auto readings = ReadDcgm(
                            "DCGM_FI_DEV_FB_USED{UUID=\"GPU-a\"} 9223372036854775794\n"
                            "DCGM_FI_PROF_GR_ENGINE_ACTIVE{UUID=\"GPU-a\"} NaN\n"
                            "DCGM_FI_PROF_DRAM_ACTIVE{UUID=\"GPU-a\"} -1\n"
                            "DCGM_FI_DEV_FB_USED{gpu=\"0\"} 1\n"
                            "DCGM_FI_DEV_FB_USED{UUID=\"GPU-b\",GPU_I_ID=\"x\"} 1\n")
                            .value();
  EXPECT_TRUE(readings.empty());
}

TEST(Dcgm, HasNoShareAboveTheWhole) {
  const auto readings = ReadDcgm("DCGM_FI_PROF_GR_ENGINE_ACTIVE{UUID=\"GPU-a\"} 1.02\n").value();
  ASSERT_EQ(readings.size(), 1U);
  EXPECT_EQ(readings[0].engine_active, 1.0);
}

}  // namespace
}  // namespace bulkhead::advice
