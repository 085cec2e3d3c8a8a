// SPDX-License-Identifier: Apache-2.0
#include "mig/layout.h"

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

}  // namespace
}  // namespace bulkhead::mig
