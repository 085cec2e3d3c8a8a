// SPDX-License-Identifier: Apache-2.0
#include "mig/profile_name.h"

#include <gtest/gtest.h>

#include "mig/gpu_model.h"

namespace bulkhead::mig {
namespace {

TEST(ProfileName, ReadsEachPart) {
  EXPECT_EQ(ParseProfileName("1g.5gb").value(), (ProfileName{0, 1, 5, Media::kUsual, false}));
  EXPECT_EQ(ParseProfileName("1c.3g.20gb").value(), (ProfileName{1, 3, 20, Media::kUsual, false}));
  EXPECT_EQ(ParseProfileName("1g.24gb+me.all").value().media, Media::kAll);
  EXPECT_EQ(ParseProfileName("1g.24gb-me").value().media, Media::kNone);
  EXPECT_EQ(ParseProfileName("7g.141gb+me").value().media, Media::kAdded);
  EXPECT_TRUE(ParseProfileName("4g.96gb+gfx").value().graphics);
  EXPECT_EQ(ParseProfileName("3g.0gb").value().gigabytes, 0);  // Thor has no memory of its own
}

TEST(ProfileName, KeepsTheNameOfEveryKnownProfile) {
  for (const GpuModel& model : GpuModels()) {
    for (const Profile& profile : model.profiles) {
      const auto name = ParseProfileName(profile.name);
      ASSERT_TRUE(name.ok()) << profile.name;
      EXPECT_EQ(FormatProfileName(name.value()), profile.name);
      EXPECT_EQ(name.value().slices, profile.slices);
      EXPECT_EQ(name.value().media, profile.media);
      EXPECT_EQ(name.value().graphics, profile.graphics);
      const std::string resource = FormatResourceName(name.value());
      EXPECT_EQ(ParseResourceName(resource).value(), name.value()) << resource;
    }
  }
}

TEST(ProfileName, RefusesWhatItWouldNotWriteItself) {
  for (const char* text : {"",
                           "g",
                           "1g",
                           "1g.",
                           "1g.gb",
                           "1g.5",
                           "1g.5GB",
                           "1G.5gb",
                           "01g.5gb",
                           "1g.05gb",
                           "0g.5gb",
                           "-1g.5gb",
                           "1g.-0gb",
                           "+1g.5gb",
                           "17g.5gb",
                           "1g.4097gb",
                           "1g.99999999999999999999gb",
                           " 1g.5gb",
                           "1g.5gb ",
                           "1g.5gb+",
                           "1g.5gb+ME",
                           "1g.5gb.me",
                           "1g.5gb+me+gfx",
                           "3c.3g.20gb",
                           "4c.3g.20gb",
                           "0c.3g.20gb",
                           "1c.1c.3g.20gb",
                           "MIG 1g.5gb",
                           "1g.5gb\n"}) {
    EXPECT_FALSE(ParseProfileName(text).ok()) << text;
  }
}

TEST(ProfileName, ShowsOfABadNameOnlyWhatATerminalBears) {
  const auto bad = ParseProfileName(std::string(1000, '\x1b'));
  EXPECT_EQ(bad.error().code, base::Code::kInvalid);
  EXPECT_EQ(bad.error().public_message,
            "\"" + std::string(40, '?') + "\" is not the name of a profile like 1g.5gb");
}

TEST(ResourceName, WritesAPlusAsADot) {
  const auto written = [](const char* name) {
    return FormatResourceName(ParseProfileName(name).value());
  };
  EXPECT_EQ(written("1g.5gb"), "nvidia.com/mig-1g.5gb");
  EXPECT_EQ(written("1g.5gb+me"), "nvidia.com/mig-1g.5gb.me");
  EXPECT_EQ(written("1g.24gb+me.all"), "nvidia.com/mig-1g.24gb.me.all");
  EXPECT_EQ(written("1g.24gb-me"), "nvidia.com/mig-1g.24gb-me");
  EXPECT_EQ(written("1c.3g.20gb"), "nvidia.com/mig-1c.3g.20gb");
}

TEST(ResourceName, RefusesOtherResources) {
  for (const char* text :
       {"", "nvidia.com/gpu", "nvidia.com/mig-", "nvidia.com/mig-1g.5gb+me", "1g.5gb",
        "amd.com/mig-1g.5gb", "nvidia.com/mig-1g.5gb.", "nvidia.com/mig-1g.5gb.gb"}) {
    EXPECT_FALSE(ParseResourceName(text).ok()) << text;
  }
}

}  // namespace
}  // namespace bulkhead::mig
