// SPDX-License-Identifier: Apache-2.0
#include "mig/arrange.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::mig {
namespace {

using ::testing::ElementsAre;

const GpuModel& A100() { return *FindGpuModel("A100-40GB"); }

int A100Profile(const char* name) { return FindProfile(A100(), name); }

// Calls `visit` with every multiset of up to `size_max` profiles, the empty one too.
template <typename Visit>
void ForEachMultiset(int profiles, std::size_t size_max, std::vector<int>& multiset, Visit visit) {
  visit(multiset);
  if (multiset.size() == size_max) return;
  for (int profile = multiset.empty() ? 0 : multiset.back(); profile < profiles; ++profile) {
    multiset.push_back(profile);
    ForEachMultiset(profiles, size_max, multiset, visit);
    multiset.pop_back();
  }
}

TEST(Arrange, FindsAPlaceForExactlyTheMultisetsThatHaveALayout) {
  for (const GpuModel& model : GpuModels()) {
    if (!model.mig()) continue;
    std::vector<int> all(model.profiles.size());
    std::iota(all.begin(), all.end(), 0);
    const std::size_t instances_max = model.units == 8 ? 7 : 4;
    std::size_t arranged = 0;
    std::vector<int> multiset;
    ForEachMultiset(static_cast<int>(all.size()), instances_max, multiset, [&](auto& wanted) {
      const auto found = Arrange(model, wanted, {});
      if (!found) return;
      ASSERT_TRUE(IsLegal(model, *found)) << model.name;
      std::vector<int> got;
      for (const Instance& one : *found) got.push_back(one.profile);
      ASSERT_EQ(got, wanted) << model.name;
      ++arranged;
    });
    EXPECT_EQ(arranged, CountLayouts(model, all).multisets + 1) << model.name;
  }
}

TEST(Arrange, GoesBackWhereTheFirstPlaceOfALargeOneLeavesTooLittle) {
  // With 3g.20gb at 0 the upper half has room for 2g.10gb and one 1g.5gb, unit 7 being no start.
  const std::vector<int> wanted = {A100Profile("1g.5gb"), A100Profile("1g.5gb"),
                                   A100Profile("2g.10gb"), A100Profile("3g.20gb")};
  EXPECT_THAT(*Arrange(A100(), wanted, {}),
              ElementsAre(Instance{0, 2}, Instance{0, 3}, Instance{3, 0}, Instance{4, 4}));
}

TEST(Arrange, LeavesWhatIsFixedWhereItIs) {
  const std::vector<Instance> fixed = {{A100Profile("1g.5gb"), 1}};
  const std::vector<int> half = {A100Profile("3g.20gb")};
  EXPECT_THAT(*Arrange(A100(), half, fixed), ElementsAre(Instance{half[0], 4}));
  const std::vector<int> lower = {A100Profile("4g.20gb")};
  EXPECT_EQ(Arrange(A100(), lower, fixed), std::nullopt);
}

TEST(Arrange, CountsWhatIsFixedOfTheSameProfile) {
  // Fixed at 4, so the two that are asked for begin below it.
  const int pair = A100Profile("2g.10gb");
  const std::vector<Instance> fixed = {{pair, 4}};
  EXPECT_THAT(*Arrange(A100(), std::vector<int>{pair, pair}, fixed),
              ElementsAre(Instance{pair, 0}, Instance{pair, 2}));
  EXPECT_EQ(Arrange(A100(), std::vector<int>{pair, pair, pair}, fixed), std::nullopt);
}

TEST(Arrange, AnswersAtOnceForMoreThanAnyGpuHolds) {
  EXPECT_EQ(Arrange(A100(), std::vector<int>(1'000'000, 0), {}), std::nullopt);
  EXPECT_EQ(Arrange(*FindGpuModel("t4"), std::vector<int>{}, {})->size(), 0U);
}

}  // namespace
}  // namespace bulkhead::mig
