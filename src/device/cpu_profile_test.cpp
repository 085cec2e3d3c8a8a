// SPDX-License-Identifier: Apache-2.0
#include "device/cpu_profile.h"

#include <gtest/gtest.h>

namespace bulkhead::device {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

TEST(CpuProfile, ReadsCoresAndMemory) {
  EXPECT_EQ(ParseCpuProfile("cpu:2c4g").value(), (CpuProfile{2, 4096 * kMebibyte}));
  EXPECT_EQ(ParseCpuProfile("cpu:1c512m").value(), (CpuProfile{1, 512 * kMebibyte}));
  EXPECT_EQ(ParseCpuProfile("cpu:4096c65536g").value(),
            (CpuProfile{kProfileCoresMax, kProfileMemoryBytesMax}));
}

TEST(CpuProfile, RefusesEverythingElse) {
  for (const char* text : {"",
                           "cpu:",
                           "cpu:2c",
                           "cpu:c4g",
                           "cpu:2c4",
                           "cpu:2c4gb",
                           "cpu:2c4G",
                           "CPU:2c4g",
                           "cpu: 2c4g",
                           " cpu:2c4g",
                           "cpu:2c4g ",
                           "cpu:+2c4g",
                           "cpu:-2c4g",
                           "cpu:02c4g",
                           "cpu:2c04g",
                           "cpu:0c4g",
                           "cpu:2c0g",
                           "cpu:2c1.5g",
                           "cpu:2c4k",
                           "cpu:4097c4g",
                           "cpu:2c65537g",
                           "cpu:2c9223372036854775807g",
                           "cpu:2c99999999999999999999g",
                           "1g.5gb",
                           "gpu",
                           "2c4g"}) {
    const auto profile = ParseCpuProfile(text);
    ASSERT_FALSE(profile.ok()) << text;
    EXPECT_EQ(profile.error().code, base::Code::kInvalid) << text;
    EXPECT_NE(profile.error().detail.find("cpu:2c4g"), std::string::npos) << text;
  }
}

TEST(CpuProfile, RefusesTextBehindATerminatingZero) {
  EXPECT_FALSE(ParseCpuProfile(std::string_view("cpu:2c4g\0", 9)).ok());
}

TEST(CpuProfile, IsWrittenInOneWay) {
  for (const char* text : {"cpu:2c4g", "cpu:1c512m", "cpu:1c1536m", "cpu:128c1024g"}) {
    EXPECT_EQ(FormatCpuProfile(ParseCpuProfile(text).value()), text);
  }
  EXPECT_EQ(FormatCpuProfile(ParseCpuProfile("cpu:1c2048m").value()), "cpu:1c2g");
}

}  // namespace
}  // namespace bulkhead::device
