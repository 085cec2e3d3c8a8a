// SPDX-License-Identifier: Apache-2.0
#include "planner/sizing.h"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mig/gpu_model.h"
#include "planner/byte_text.h"

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
  EXPECT_EQ(raised.profile, "1g.10gb");
  EXPECT_THAT(raised.reasons.front(), HasSubstr("Raised from 1g.5gb"));
  EXPECT_GE(raised.profile_memory_bytes, raised.needed_memory_bytes);
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO11", "n", 3'000'000, 10'000)), "3g.20gb");
  EXPECT_EQ(ProfileOn("A30", Model("YOLO11", "n", 3'000'000, 5000)), "2g.12gb");
}

TEST(Sizing, FitsExactlyOrMovesOn) {
  SizingInput input = Model("YOLO11", "n", 0);
  input.peak_activation_bytes = 4864 * kMib - kEngineOverheadBytes;
  EXPECT_EQ(ProfileOn("A100-40GB", input), "1g.5gb");
  ++input.peak_activation_bytes;
  EXPECT_EQ(ProfileOn("A100-40GB", input), "1g.10gb");
}

TEST(Sizing, DoublesTheMemoryOfOneSliceOnlyWhereOneSliceIsEnough) {
  EXPECT_THAT(On("A100-40GB", Model("YOLO11", "n", 3'000'000, 5000)).reasons,
              Contains("It has the memory of 2g.10gb, and leaves compute to others."));
  EXPECT_EQ(ProfileOn("A100-40GB", Model("YOLO11", "s", 9'000'000, 5000)), "2g.10gb");
  EXPECT_EQ(ProfileOn("H100-94GB", Model("YOLO11", "n", 3'000'000, 12'000)), "1g.24gb");
  EXPECT_EQ(ProfileOn("H100-94GB", Model("YOLO11", "n", 3'000'000, 24'000)), "3g.47gb");
}

TEST(Sizing, FindsTheEnginesThatDecodeWhereTheyAreAskedFor) {
  SizingInput input = Model("YOLO11", "n");
  input.decodes_on_device = true;
  EXPECT_EQ(ProfileOn("A100-40GB", input), "1g.5gb+me");
  EXPECT_EQ(ProfileOn("H100-80GB", input), "1g.10gb");
  EXPECT_EQ(ProfileOn("RTX PRO 6000", input), "1g.24gb");
  EXPECT_EQ(ProfileOn("L4", input), "gpu");
  EXPECT_THAT(On("A100-40GB", input).reasons.front(), HasSubstr("Not 1g.5gb, whose engines"));
  EXPECT_EQ(ProfileOn("T4", input), "");
  EXPECT_THAT(On("T4", input).reasons.front(), HasSubstr("no engines that decode"));
  input.size = "s";
  EXPECT_EQ(ProfileOn("A30", input), "2g.12gb+me");
  EXPECT_EQ(ProfileOn("A100-40GB", input), "7g.40gb");
}

TEST(Sizing, NeverTakesWhatOthersOfThePartNeed) {
  for (const char* size : {"n", "s", "m"}) {
    for (const Recommendation& one : RecommendProfiles(Model("YOLO11", size))) {
      EXPECT_EQ(one.profile.find_first_of("+-"), std::string::npos) << one.gpu << one.profile;
    }
  }
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
  EXPECT_THAT(On("H200", Model("YOLO11", "m")).reasons, Contains(HasSubstr("not yet seen")));
  EXPECT_THAT(On("H200", Model("YOLO11", "n")).reasons, Not(Contains(HasSubstr("not yet seen"))));
  EXPECT_THAT(On("A100-40GB", Model("YOLO11", "n")).reasons,
              Not(Contains(HasSubstr("not yet seen"))));
}

TEST(Sizing, KnowsEveryModelThatCanBePlannedFor) {
  const auto recommendations = RecommendProfiles(Model("YOLO11", "n"));
  ASSERT_EQ(recommendations.size(), mig::GpuModels().size());
  for (std::size_t i = 0; i < recommendations.size(); ++i) {
    EXPECT_EQ(recommendations[i].gpu, mig::GpuModels()[i].name);
    EXPECT_NE(recommendations[i].profile, "") << recommendations[i].gpu;
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
