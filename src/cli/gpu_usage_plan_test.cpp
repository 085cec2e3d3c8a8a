// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_usage_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/test_inventory.h"

namespace bulkhead::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

UseAdvice TooBig() {
  return {.name = "plant/line-3",
          .profile = "3g.20gb",
          .gpu = "A100-40GB",
          .verdict = "too big",
          .move_to = "1g.5gb",
          .replicas = 1,
          .devices = {"GPU-a100/2"},
          .reasons = {"It sleeps."}};
}

GpuInventory OneA100(int start) {
  GpuInventory inventory{.gpus = {TestGpu("a100")}, .simulated = true};
  inventory.gpus[0].instances = {TestInstance(inventory.gpus[0], "3g.20gb", start)};
  inventory.gpus[0].instances[0].id = 2;
  return inventory;
}

TEST(UseAdvice, IsReadFromTheGatewaysAnswer) {
  const json answer = json::parse(R"({"days": 30, "deployments": [
      {"tenant": "plant", "model": "line-3", "replicas": 2, "profile": "3g.20gb",
       "gpu": "A100-40GB", "simulated": true,
       "devices": ["GPU-a/2"], "verdict": "too big", "move_to": "1g.5gb",
       "reasons": ["It sleeps."]},
      {"tenant": "city", "model": "plates", "replicas": 1, "profile": "cpu:1c2g",
       "gpu": null, "devices": [], "verdict": "idle", "move_to": null, "reasons": []}]})");
  const auto advice = ReadUseAdvice(answer).value();
  ASSERT_THAT(advice, SizeIs(2));
  EXPECT_EQ(advice[0].name, "plant/line-3");
  EXPECT_EQ(advice[0].replicas, 2);
  EXPECT_THAT(advice[0].devices, ElementsAre("GPU-a/2"));
  EXPECT_EQ(advice[1].move_to, "");
  EXPECT_EQ(AdviceText(advice),
            "plant/line-3  3g.20gb of A100-40GB (simulated): too big, move to 1g.5gb\n"
            "    It sleeps.\n"
            "city/plates  cpu:1c2g: idle\n");
  EXPECT_EQ(ChangesText({TooBig(), advice[1]}),
            "- A100-40GB  3g.20gb  for plant/line-3\n+ A100-40GB  1g.5gb  for plant/line-3\n");
}

TEST(UseAdvice, OfAnotherProgramIsRefusedOrHarmless) {
  EXPECT_FALSE(ReadUseAdvice(json::parse(R"({"rows": []})")).ok());
  EXPECT_FALSE(ReadUseAdvice(json::parse(R"({"deployments": 3})")).ok());
  const auto odd = ReadUseAdvice(json::parse(R"({"deployments": [3, {"model": "a\u001b[2J"}]})"));
  ASSERT_TRUE(odd.ok());
  EXPECT_THAT(AdviceText(odd.value()), testing::Not(HasSubstr("\x1b")));
}

TEST(UsePlan, StartsTheNewSliceBesideTheOldOne) {
  const GpuInventory inventory = OneA100(0);
  const UsePlan plan = PlanFromUse(inventory, {TooBig()}).value();
  ASSERT_THAT(plan.plan.added, SizeIs(1));
  EXPECT_GE(plan.plan.added[0].added.instance.start, 4);
  const std::string text = UsePlanText(inventory, plan);
  EXPECT_THAT(text, HasSubstr("- GPU 0  A100-40GB  3g.20gb at 0  for plant/line-3\n"));
  EXPECT_THAT(text, HasSubstr("+ GPU 0  A100-40GB  1g.5gb at "));
  const json document = UsePlanJson(inventory, plan);
  EXPECT_EQ(document["removed"][0]["start"], 0);
  EXPECT_EQ(document["added"][0]["for"], "plant/line-3");
  EXPECT_EQ(document["simulated"], true);
}

TEST(UsePlan, SaysWhereThereIsNoRoomOrNoSuchGpu) {
  UseAdvice larger = TooBig();
  larger.move_to = "7g.40gb";
  UseAdvice elsewhere = TooBig();
  elsewhere.gpu = "H200";
  const UsePlan plan = PlanFromUse(OneA100(0), {larger, elsewhere}).value();
  ASSERT_THAT(plan.plan.refused, SizeIs(2));
  EXPECT_EQ(plan.plan.refused[0].second, "there is no H200 here");
  EXPECT_THAT(plan.plan.added, IsEmpty());
}

TEST(UsePlan, TellsWhereMovesWouldMakeRoom) {
  GpuInventory inventory{.gpus = {TestGpu("a100"), TestGpu("a100")}};
  inventory.gpus[1].uuid = "GPU-second";
  for (device::Gpu& gpu : inventory.gpus) {
    gpu.instances = {TestInstance(gpu, "1g.5gb", 0)};
    gpu.instances[0].id = 7;
  }
  UseAdvice fits{.name = "plant/line-3",
                 .profile = "1g.5gb",
                 .gpu = "A100-40GB",
                 .verdict = "fits",
                 .move_to = {},
                 .replicas = 1,
                 .devices = {"GPU-second/7"},
                 .reasons = {}};
  const UsePlan ours = PlanFromUse(inventory, {fits}).value();
  ASSERT_THAT(ours.moves, SizeIs(testing::Ge(1U)));
  EXPECT_THAT(ours.moves[0], HasSubstr("GPU 1  A100-40GB  1g.5gb at 0 to "));
  EXPECT_THAT(ours.gains, testing::Contains(HasSubstr("A100-40GB 7g.40gb: 1 instead of 0")));
  EXPECT_THAT(UsePlanText(inventory, ours), HasSubstr("fragmented: "));
  fits.devices.clear();
  EXPECT_THAT(PlanFromUse(inventory, {fits}).value().moves, IsEmpty()) << "foreign ones stay";
}

}  // namespace
}  // namespace bulkhead::cli
