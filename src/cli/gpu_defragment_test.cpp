// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_defragment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/test_inventory.h"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Kind = SlotOwner::Kind;

// One A100 with 2g.10gb at 2, where it keeps a 4g out.
GpuInventory OneInTheWay(Kind kind) {
  GpuInventory inventory{.gpus = {TestGpu("a100")}, .simulated = true};
  inventory.gpus[0].instances = {TestInstance(inventory.gpus[0], "2g.10gb", 2)};
  inventory.owners = {{{{kind, "plant/line-3"}}}};
  return inventory;
}

TEST(Defragment, MovesADeploymentOutOfTheWay) {
  const GpuInventory inventory = OneInTheWay(Kind::kHeld);
  const DefragmentPlan plan =
      PlanDefragment(inventory, Wish{.what = "4g.20gb"}, planner::Disruption{}).value();
  EXPECT_EQ(plan.moves.moves.size(), 1U);
  EXPECT_EQ(DefragmentText(inventory, plan),
            "1  start   2g.10gb at 4 of GPU 0  A100-40GB  for plant/line-3  (simulated)\n"
            "1  switch  2g.10gb at 4 of GPU 0  A100-40GB  for plant/line-3  from 2g.10gb at 2 of "
            "GPU 0  A100-40GB  (simulated)\n"
            "1  drain   2g.10gb at 2 of GPU 0  A100-40GB  for plant/line-3  (simulated)\n"
            "1  destroy 2g.10gb at 2 of GPU 0  A100-40GB  for plant/line-3  (simulated)\n"
            "2  start   4g.20gb at 0 of GPU 0  A100-40GB  for 4g.20gb  (simulated)\n");
  EXPECT_EQ(DefragmentJson(inventory, plan)["steps"][1]["old_spot"]["start"], 2);
}

TEST(Defragment, LeavesWhatOthersMadeAndSaysWhyThereIsNoRoom) {
  const GpuInventory inventory = OneInTheWay(Kind::kForeign);
  const DefragmentPlan plan =
      PlanDefragment(inventory, Wish{.what = "4g.20gb"}, planner::Disruption{}).value();
  EXPECT_THAT(plan.moves.steps, IsEmpty());
  EXPECT_THAT(DefragmentText(inventory, plan), HasSubstr("! 4 moves of 16 units together"));
}

TEST(Defragment, MovesNothingForWhatIsIdle) {
  const GpuInventory inventory = OneInTheWay(Kind::kIdle);
  const DefragmentPlan plan =
      PlanDefragment(inventory, Wish{.what = "4g.20gb"}, planner::Disruption{}).value();
  EXPECT_THAT(plan.moves.moves, IsEmpty());
  EXPECT_EQ(plan.moves.steps.size(), 1U);
}

TEST(Defragment, KeepsToItsLimits) {
  const DefragmentPlan plan = PlanDefragment(OneInTheWay(Kind::kHeld), Wish{.what = "4g.20gb"},
                                             {.moves_max = 1, .units_max = 1, .at_once = 1})
                                  .value();
  EXPECT_THAT(plan.moves.steps, IsEmpty());
}

TEST(Defragment, GainsRoomWithoutAWish) {
  GpuInventory inventory{.gpus = {TestGpu("a100"), TestGpu("a100")}};
  inventory.gpus[0].instances = {TestInstance(inventory.gpus[0], "4g.20gb", 0)};
  inventory.gpus[1].instances = {TestInstance(inventory.gpus[1], "3g.20gb", 0)};
  inventory.owners = {{{{Kind::kHeld, "a"}}}, {{{Kind::kHeld, "b"}}}};
  const DefragmentPlan plan = PlanDefragment(inventory, std::nullopt, {}).value();
  EXPECT_EQ(plan.moves.moves.size(), 1U);
  EXPECT_THAT(DefragmentText(inventory, plan), HasSubstr("A100-40GB 7g.40gb: 1 instead of 0"));
}

TEST(Defragment, NeedsSomebodyWhoSaysWhoHasWhat) {
  const GpuInventory inventory{.gpus = {TestGpu("a100")}};
  EXPECT_EQ(PlanDefragment(inventory, std::nullopt, {}).error().code, base::Code::kUnavailable);
}

}  // namespace
}  // namespace bulkhead::cli
