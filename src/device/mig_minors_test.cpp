// SPDX-License-Identifier: Apache-2.0
#include "device/mig_minors.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::device {
namespace {

using base::Code;

// As the driver writes it: all that could be, up to 32 GPUs with 15 instances of 8.
std::string WholeFile() {
  std::string text = "config 1\nmonitor 2\n";
  int minor = 3;
  for (int gpu = 0; gpu < 32; ++gpu) {
    for (int instance = 0; instance < 15; ++instance) {
      const std::string folder =
          "gpu" + std::to_string(gpu) + "/gi" + std::to_string(instance) + "/";
      text += folder + "access " + std::to_string(minor++) + "\n";
      for (int compute = 0; compute < 8; ++compute) {
        text +=
            folder + "ci" + std::to_string(compute) + "/access " + std::to_string(minor++) + "\n";
      }
    }
  }
  return text;
}

TEST(MigMinors, FindsTheTwoOfAnInstance) {
  const std::string text = WholeFile();
  EXPECT_EQ(FindCapabilities(text, 0, {0, 0}).value(), (CapabilityMinors{3, 4}));
  EXPECT_EQ(FindCapabilities(text, 0, {1, 0}).value(), (CapabilityMinors{12, 13}));
  EXPECT_EQ(FindCapabilities(text, 1, {9, 2}).value(), (CapabilityMinors{219, 222}));
  EXPECT_EQ(FindCapabilities(text, 31, {14, 7}).value(), (CapabilityMinors{4314, 4322}));
}

TEST(MigMinors, SaysWhichLineIsMissing) {
  const auto none = FindCapabilities(WholeFile(), 32, {0, 0});
  EXPECT_EQ(none.error().code, Code::kNotFound);
  EXPECT_THAT(none.error().detail, testing::HasSubstr("gpu32/gi0/access"));
  EXPECT_THAT(FindCapabilities("gpu0/gi1/access 12\n", 0, {1, 0}).error().detail,
              testing::HasSubstr("gpu0/gi1/ci0/access"));
  EXPECT_EQ(FindCapabilities("", 0, {0, 0}).error().code, Code::kNotFound);
}

TEST(MigMinors, RefusesWhatTheDriverDoesNotWrite) {
  const std::string good = "gpu0/gi0/access 3\ngpu0/gi0/ci0/access 4\n";
  ASSERT_TRUE(FindCapabilities(good, 0, {0, 0}).ok());
  for (const char* line :
       {"\n", "gpu0/gi0/access\n", "gpu0/gi0/access x\n", "gpu0/gi0/access 3\n", "gpu0/gi1 5\n",
        "gpu0/gi1/access 5 \n", "gpu0/gi1/access -5\n", "gpu-1/gi1/access 5\n",
        "gpu0/gi1/access 99999999999\n", "gpu0/gi1/access 2\n", "config 7\n", "other 9\n"}) {
    EXPECT_EQ(FindCapabilities(good + line, 0, {0, 0}).error().code, Code::kCorrupt) << line;
  }
}

}  // namespace
}  // namespace bulkhead::device
