// SPDX-License-Identifier: Apache-2.0
#include "device/profile_text.h"

#include <gtest/gtest.h>

namespace bulkhead::device {
namespace {

TEST(ProfileText, TakesCoresInstancesAndWholeGpus) {
  for (const char* text : {"cpu:2c4g", "gpu", "1g.5gb", "1g.5gb+me"}) {
    EXPECT_EQ(ParseProfile(text).value(), text);
  }
  EXPECT_EQ(ParseProfile("cpu:1c2048m").value(), "cpu:1c2g");
}

TEST(ProfileText, RefusesAnythingElse) {
  for (const char* text : {"", "cpu", "cpu:", "gpus", "GPU", "1g", "1g.5gb ", "auto"}) {
    EXPECT_EQ(ParseProfile(text).error().code, base::Code::kInvalid) << text;
  }
}

TEST(ProfileText, KnowsWhatEachSeparatesBy) {
  EXPECT_EQ(TierOfProfile("cpu:2c4g"), Tier::kCpu);
  EXPECT_EQ(TierOfProfile("gpu"), Tier::kDedicated);
  EXPECT_EQ(TierOfProfile("3g.20gb"), Tier::kHard);
}

}  // namespace
}  // namespace bulkhead::device
