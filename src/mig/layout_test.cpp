// SPDX-License-Identifier: Apache-2.0
#include "mig/layout.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::mig {
namespace {

const GpuModel& A100() { return *FindGpuModel("A100-40GB"); }

std::vector<int> Named(const GpuModel& model, const std::vector<std::string>& names) {
  std::vector<int> profiles;
  for (const std::string& name : names) profiles.push_back(FindProfile(model, name));
  return profiles;
}

TEST(Layout, CountsOnAPartOfEightUnits) {
  std::vector<std::string> names = {"1g.5gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"};
  EXPECT_EQ(CountLayouts(A100(), Named(A100(), names)), (LayoutCount{297, 19, 37, 14}));
  names.emplace_back("1g.10gb");
  EXPECT_EQ(CountLayouts(A100(), Named(A100(), names)), (LayoutCount{722, 78, 77, 38}));
  names.emplace_back("1g.5gb+me");
  EXPECT_EQ(CountLayouts(A100(), Named(A100(), names)), (LayoutCount{2318, 239, 127, 64}));
}

TEST(Layout, CountsOnPartsOfFourAndTwelveUnits) {
  const GpuModel& a30 = *FindGpuModel("A30");
  EXPECT_EQ(CountLayouts(a30, Named(a30, {"1g.6gb", "2g.12gb", "4g.24gb"})),
            (LayoutCount{25, 5, 9, 4}));
  const GpuModel& rtx = *FindGpuModel("RTX PRO 6000");
  EXPECT_EQ(CountLayouts(rtx, Named(rtx, {"1g.24gb", "2g.48gb", "4g.96gb"})),
            (LayoutCount{25, 5, 9, 4}));
}

TEST(Layout, CountsTheSameOnEveryPartOfEightUnits) {
  for (const GpuModel& model : GpuModels()) {
    if (model.units == 8) {
      EXPECT_EQ(CountLayouts(model, std::vector{0, 1, 2, 3, 4, 5, 6}),
                (LayoutCount{2318, 239, 127, 64}))
          << model.name;
    }
  }
}

TEST(Layout, GivesAllMediaEnginesOnlyBesideInstancesWithNone) {
  const GpuModel& rtx = *FindGpuModel("RTX PRO 6000");
  const int all = FindProfile(rtx, "1g.24gb+me.all");
  const int none = FindProfile(rtx, "2g.48gb-me");
  const int usual = FindProfile(rtx, "1g.24gb");
  const int added = FindProfile(rtx, "1g.24gb+me");
  const int graphics = FindProfile(rtx, "1g.24gb+gfx");
  EXPECT_TRUE(IsLegal(rtx, std::vector<Instance>{{all, 0}, {none, 6}}));
  EXPECT_TRUE(IsLegal(rtx, std::vector<Instance>{{none, 6}, {all, 0}}));
  EXPECT_FALSE(IsLegal(rtx, std::vector<Instance>{{all, 0}, {usual, 3}}));
  EXPECT_FALSE(IsLegal(rtx, std::vector<Instance>{{graphics, 0}, {all, 3}}));
  EXPECT_FALSE(IsLegal(rtx, std::vector<Instance>{{all, 0}, {added, 3}}));
  EXPECT_FALSE(IsLegal(rtx, std::vector<Instance>{{added, 0}, {added, 3}}));
  EXPECT_TRUE(IsLegal(rtx, std::vector<Instance>{{added, 0}, {usual, 3}, {graphics, 6}}));
}

TEST(Layout, GivesTheAddedMediaEnginesOfAnA30ToOneSizeOrTheOther) {
  const GpuModel& a30 = *FindGpuModel("A30");
  EXPECT_FALSE(IsLegal(a30, std::vector<Instance>{{FindProfile(a30, "1g.6gb+me"), 0},
                                                  {FindProfile(a30, "2g.12gb+me"), 2}}));
}

// Units that two instances claim, and slices of compute in all; by its own arithmetic, not Fits.
struct Claims {
  bool twice = false;
  int slices = 0;
};

Claims ClaimsOf(const GpuModel& model, const std::vector<Instance>& instances) {
  Claims claims;
  std::vector<int> owners(static_cast<std::size_t>(model.units));
  for (const Instance& one : instances) {
    const Profile& profile = model.profiles.at(static_cast<std::size_t>(one.profile));
    claims.slices += profile.slices;
    for (int unit = one.start; unit < one.start + profile.units; ++unit) {
      claims.twice |= ++owners.at(static_cast<std::size_t>(unit)) > 1;
    }
  }
  return claims;
}

TEST(Layout, StaysLegalThroughAnyHistoryOfCreateAndDestroy) {
  std::mt19937 chance(20261123);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(chance()) % n; };
  for (const GpuModel& model : GpuModels()) {
    if (!model.mig()) continue;
    std::vector<Instance> instances;
    for (int step = 0; step < 3000; ++step) {
      if (!instances.empty() && below(3) == 0) {
        instances.erase(instances.begin() + static_cast<std::ptrdiff_t>(below(instances.size())));
      } else {
        const int profile = static_cast<int>(below(model.profiles.size()));
        const std::vector<int> starts = FreeStarts(model, instances, profile);
        if (!starts.empty()) instances.push_back({profile, starts[below(starts.size())]});
      }
      const Claims claims = ClaimsOf(model, instances);
      ASSERT_FALSE(claims.twice) << model.name << ", step " << step;
      ASSERT_LE(claims.slices, model.units == 8 ? 7 : 4) << model.name << ", step " << step;
      std::vector<Instance> shuffled = instances;
      std::ranges::shuffle(shuffled, chance);
      ASSERT_TRUE(IsLegal(model, shuffled)) << model.name << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace bulkhead::mig
