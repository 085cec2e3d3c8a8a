// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/test_inventory.h"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;

TEST(Wish, IsSomethingAndHowOften) {
  EXPECT_EQ(ParseWish("3g.20gb")->count, 1);
  EXPECT_EQ(ParseWish("3g.20gb:2")->what, "3g.20gb");
  EXPECT_EQ(ParseWish("3g.20gb:2")->count, 2);
  for (const char* wrong : {"3g.20gb:", "3g.20gb:0", "3g.20gb:-1", "3g.20gb:2x", "a:10001", ":2"}) {
    EXPECT_FALSE(ParseWish(wrong)) << wrong;
  }
}

TEST(GpuPlan, PlacesBesideWhatIsThere) {
  GpuInventory inventory{.gpus = {TestGpu("a100")}, .simulated = true};
  inventory.gpus[0].instances = {TestInstance(inventory.gpus[0], "3g.20gb", 0)};
  const GpuPlan plan = PlanWishes(inventory, {{.what = "3g.20gb"}}).value();
  ASSERT_EQ(plan.added.size(), 1U);
  EXPECT_EQ(plan.added[0].added.instance.start, 4);
  EXPECT_TRUE(plan.refused.empty());
  EXPECT_THAT(PlanText(inventory, plan), HasSubstr("+ GPU 0  A100-40GB  3g.20gb at 4\n"));
}

TEST(GpuPlan, SaysWhatFindsNoRoomAndWhy) {
  const GpuInventory inventory{.gpus = {TestGpu("a100")}};
  const GpuPlan plan = PlanWishes(inventory, {{.what = "3g.20gb", .count = 3}}).value();
  EXPECT_EQ(plan.added.size(), 2U);
  ASSERT_EQ(plan.refused.size(), 1U);
  EXPECT_EQ(plan.refused[0].first, "3g.20gb");
  EXPECT_FALSE(plan.refused[0].second.empty());
  EXPECT_THAT(PlanText(inventory, plan), HasSubstr("! 3g.20gb: "));
  EXPECT_EQ(PlanJson(inventory, plan)["refused"][0]["for"], "3g.20gb");
}

TEST(GpuPlan, GivesAModelWhatItIsRecommendedOnEachGpu) {
  const GpuInventory inventory{.gpus = {TestGpu("t4"), TestGpu("a100")}};
  const Wish wish{
      .what = "m.onnx", .count = 2, .profiles = {{"T4", "gpu"}, {"A100-40GB", "7g.40gb"}}};
  const GpuPlan plan = PlanWishes(inventory, {wish}).value();
  ASSERT_EQ(plan.added.size(), 2U);
  const std::string text = PlanText(inventory, plan);
  EXPECT_THAT(text, HasSubstr("+ GPU 0  T4  gpu  for m.onnx\n"));
  EXPECT_THAT(text, HasSubstr("+ GPU 1  A100-40GB  7g.40gb at 0  for m.onnx\n"));
}

TEST(GpuPlan, RefusesWhatNoGpuHereHas) {
  const GpuInventory inventory{.gpus = {TestGpu("a100")}};
  const auto plan = PlanWishes(inventory, {{.what = "1g.18gb"}});
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().detail, "1g.18gb: no GPU here has anything for it");
}

TEST(GpuInventory, SaysThatItIsSimulated) {
  const OpenGpus open = [](const GpuWhere& where) {
    EXPECT_EQ(where.simulated, "a100");
    return base::Result<OpenedGpus>(Opened({TestGpu("a100")}));
  };
  const GpuInventory inventory = ReadInventoryOf({.simulated = "a100"}, open).value();
  EXPECT_EQ(GpuJson(inventory, 0)["simulated"], true);
  EXPECT_TRUE(DrawingOf(inventory, 0, {}).simulated);
}

TEST(GpuInventory, IsOfThisMachineUnlessSimulated) {
  const OpenGpus none = [](const GpuWhere& where) {
    EXPECT_EQ(where.simulated, "");
    EXPECT_TRUE(where.node.string().ends_with("node.sock"));
    return base::Result<OpenedGpus>(OpenedGpus());
  };
  const auto inventory = ReadInventoryOf({}, none);
  ASSERT_FALSE(inventory.ok());
  EXPECT_EQ(inventory.error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::cli
