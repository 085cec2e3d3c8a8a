// SPDX-License-Identifier: Apache-2.0
#include "gateway/auto_profile.h"

#include <gtest/gtest.h>

namespace bulkhead::gateway {
namespace {

// As large as the file of a model of that many million parameters.
tenant::ModelVersion Of(double parameters_million) {
  tenant::ModelVersion version;
  version.bytes = static_cast<uint64_t>(parameters_million * 4e6);
  return version;
}

TEST(AutoProfile, IsOfCoresWhereThereIsNoGpu) {
  EXPECT_EQ(AutoProfile(Of(3.2), {}), "cpu:1c1g");
  EXPECT_EQ(AutoProfile(Of(11.2), {}), "cpu:2c2g");
  EXPECT_TRUE(AutoProfile(Of(68.2), {}).starts_with("cpu:2c"));
}

// The floors of sizing: n, s, and m and up.
TEST(AutoProfile, IsTheSliceThatTheModelsSizeAsksFor) {
  const std::vector<std::string> a100{"A100-40GB"};
  EXPECT_EQ(AutoProfile(Of(3.2), a100), "1g.5gb");
  EXPECT_EQ(AutoProfile(Of(11.2), a100), "2g.10gb");
  EXPECT_EQ(AutoProfile(Of(25.9), a100), "3g.20gb");
  EXPECT_EQ(AutoProfile(Of(3.2), {"H100-80GB"}), "1g.10gb");
}

TEST(AutoProfile, IsAllOfAGpuThatCannotBeCut) { EXPECT_EQ(AutoProfile(Of(3.2), {"T4"}), "gpu"); }

TEST(AutoProfile, IsOfTheFirstKindThatIsKnown) {
  EXPECT_EQ(AutoProfile(Of(3.2), {"A30", "A100-40GB"}), "1g.6gb");
  EXPECT_EQ(AutoProfile(Of(3.2), {"a GPU of next year", "A100-40GB"}), "1g.5gb");
  EXPECT_EQ(AutoProfile(Of(3.2), {"a GPU of next year"}), "cpu:1c1g");
}

}  // namespace
}  // namespace bulkhead::gateway
