// SPDX-License-Identifier: Apache-2.0
#include "planner/sizing.h"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/byte_text.h"
#include "planner/gpu_kind.h"

namespace bulkhead::planner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kMib = uint64_t{1} << 20;

SizingInput Model(const char* family, const char* size, uint64_t parameters = 3'000'000,
                  uint64_t activation_mib = 20) {
  SizingInput input;
  input.family = family;
  input.size = size;
  input.parameters = parameters;
  input.weights_bytes = parameters * 4;
  input.peak_activation_bytes = activation_mib * kMib;
  return input;
}

Recommendation On(const char* gpu, const SizingInput& input) {
  for (Recommendation& recommendation : RecommendProfiles(input)) {
    if (recommendation.gpu == gpu) return std::move(recommendation);
  }
  ADD_FAILURE() << gpu;
  return {};
}

std::string ProfileOn(const char* gpu, const SizingInput& input) { return On(gpu, input).profile; }

TEST(Sizing, FollowsTheFloorRulesOnA100) {
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv5", "n")), "1g.5gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv8", "n")), "1g.5gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv5", "s")), "2g.10gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv8", "s")), "2g.10gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv5", "m")), "3g.20gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO11", "x")), "3g.20gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv10", "n")), "3g.20gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv10", "b")), "3g.20gb");
}

TEST(Sizing, TreatsLaterFamiliesByTheirSizeLetter) {
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO26", "n")), "1g.5gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv9", "t")), "1g.5gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv9", "s")), "2g.10gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLOv9", "c")), "3g.20gb");
}

TEST(Sizing, JudgesANamelessModelByItsParameters) {
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO (anchor-free)", "", 5'000'000)), "1g.5gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO (anchor-free)", "", 5'000'001)), "2g.10gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO (anchor-free)", "", 13'500'000)), "2g.10gb");
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO (anchor-free)", "", 13'500'001)), "3g.20gb");
  EXPECT_THAT(On("A100-40GB", Model("YOLO (anchor-free)", "")).reasons.front(),
              HasSubstr("3.0 million parameters"));
}

TEST(Sizing, TakesTheLikeSizedSliceOfOtherGpus) {
  const SizingInput medium = Model("YOLO11", "m", 20'000'000);
  EXPECT_EQ(ProfileOn("A100-80GB", medium), "3g.40gb");
  EXPECT_EQ(ProfileOn("H100-80GB", medium), "3g.40gb");
  EXPECT_EQ(ProfileOn("H200", medium), "3g.71gb");
  EXPECT_EQ(ProfileOn("B200", medium), "3g.90gb");
  EXPECT_EQ(ProfileOn("A30", medium), "4g.24gb");
  EXPECT_EQ(ProfileOn("RTX PRO 6000", medium), "4g.96gb");
  EXPECT_THAT(On("A30", medium).reasons, Contains(HasSubstr("next profile above three slices")));
}

TEST(Sizing, RaisesAFloorWhoseMemoryIsTooSmall) {
  const Recommendation raised = On("A100-40GB", Model("YOLO11", "n", 3'000'000, 5000));
  EXPECT_EQ(raised.profile, "2g.10gb");
  EXPECT_THAT(raised.reasons.front(), HasSubstr("Raised from 1g.5gb"));
  EXPECT_GE(raised.profile_memory_bytes, raised.needed_memory_bytes);
}

TEST(Sizing, FitsExactlyOrMovesOn) {
  SizingInput input = Model("YOLO11", "n", 0);
  input.peak_activation_bytes = 4864 * kMib - kEngineOverheadBytes;
  EXPECT_EQ(ProfileOn("A100-40GB", input), "1g.5gb");
  ++input.peak_activation_bytes;
  EXPECT_EQ(ProfileOn("A100-40GB", input), "2g.10gb");
}

TEST(Sizing, SaysSoWhereNothingFits) {
  const Recommendation none = On("T4", Model("YOLO11", "x", 57'000'000, 20'000));
  EXPECT_EQ(none.profile, "");
  EXPECT_EQ(none.profile_memory_bytes, 0U);
  EXPECT_THAT(none.reasons.front(), HasSubstr("Nothing fits"));
}

TEST(Sizing, SurvivesSizesWithoutEnd) {
  SizingInput input = Model("YOLO11", "n");
  input.weights_bytes = std::numeric_limits<uint64_t>::max();
  for (const Recommendation& recommendation : RecommendProfiles(input)) {
    EXPECT_EQ(recommendation.profile, "");
  }
}

TEST(Sizing, GivesTheWholeOfAGpuWithoutMig) {
  const Recommendation whole = On("L4", Model("YOLO11", "m"));
  EXPECT_EQ(whole.profile, "gpu");
  EXPECT_THAT(whole.reasons.front(), HasSubstr("no MIG"));
}

TEST(Sizing, MarksMemoryThatNobodyHasSeen) {
  EXPECT_THAT(On("B200", Model("YOLO11", "n")).reasons, Contains(HasSubstr("not yet seen")));
  EXPECT_THAT(On("A100-40GB", Model("YOLO11", "n")).reasons,
              Not(Contains(HasSubstr("not yet seen"))));
}

TEST(GpuKinds, GrowInSlicesAndMemory) {
  for (const GpuKind& kind : GpuKinds()) {
    ASSERT_FALSE(kind.profiles.empty());
    EXPECT_TRUE(std::is_sorted(kind.profiles.begin(), kind.profiles.end(),
                               [](const Profile& a, const Profile& b) {
                                 return a.slices < b.slices && a.memory_mib < b.memory_mib;
                               }))
        << kind.name;
  }
}

TEST(ByteText, ShowsThreeDigitsAtMost) {
  EXPECT_EQ(ByteText(0), "0 B");
  EXPECT_EQ(ByteText(1000), "1 KiB");
  EXPECT_EQ(ByteText(10 * kMib), "10 MiB");
  EXPECT_EQ(ByteText(1022 * kMib), "1.0 GiB");
  EXPECT_EQ(ByteText(4864 * kMib), "4.8 GiB");
  EXPECT_EQ(ByteText(std::numeric_limits<uint64_t>::max()), "16 EiB");
}

}  // namespace
}  // namespace bulkhead::planner
