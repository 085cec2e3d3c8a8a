// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_apply.h"

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/gpu_changes.h"
#include "cli/gpu_owners.h"
#include "cli/test_inventory.h"

namespace bulkhead::cli {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One A100, whose changes are written down.
class GpuApply : public testing::Test {
 protected:
  void Have(const std::string& profile, int start, device::InstanceHolder holder) {
    device::Gpu& gpu = opened_.devices[0].gpu->gpu;
    gpu.instances.push_back(TestInstance(gpu, profile, start));
    opened_.devices[0].gpu->holders.push_back(std::move(holder));
  }

  int Apply(const ApplyArguments& given) {
    const Console console{&out_, &err_};
    const OpenGpus open = [this](const GpuWhere& where) -> base::Result<OpenedGpus> {
      EXPECT_EQ(where.purpose, GpuPurpose::kChange);
      OpenedGpus opened = opened_;
      opened.change = [this](const InstanceChange& change) -> base::Status {
        if (static_cast<int>(made_.size()) == fail_at_) {
          return base::OperatorError(Code::kUnavailable, "it does not want to");
        }
        made_.push_back((change.make ? "+" : "-") + change.profile + "@" +
                        std::to_string(change.start));
        return base::Ok();
      };
      return opened;
    };
    return RunGpuApply(given, open, console);
  }

  int ApplyFile(const std::string& text, bool confirmed) {
    const std::string path = testing::TempDir() + "gpu-apply-test";
    std::ofstream(path) << text;
    return Apply({.file = path, .admin = "/nowhere", .confirmed = confirmed});
  }

  int ApplyConfig(const std::string& counts, bool confirmed = true) {
    return ApplyFile(
        "version: v1\nmig-configs:\n  one:\n  - devices: all\n    mig-enabled: true\n"
        "    mig-devices: {" +
            counts + "}\n",
        confirmed);
  }

  OpenedGpus opened_ = Opened({TestGpu("a100")});
  int fail_at_ = -1;
  std::vector<std::string> made_;
  std::ostringstream out_;
  std::ostringstream err_;
};

const device::InstanceHolder kForeign{};
const device::InstanceHolder kIdle{.ours = true, .partition_id = ""};
const device::InstanceHolder kHeld{.ours = true, .partition_id = "worker-7"};

TEST_F(GpuApply, ShowsWhatWouldChangeAndChangesNothingUnlessItIsConfirmed) {
  EXPECT_EQ(ApplyConfig("\"3g.20gb\": 2", false), kSuccess);
  EXPECT_THAT(made_, IsEmpty());
  EXPECT_THAT(out_.str(), HasSubstr("+ 3g.20gb at 4"));
  EXPECT_THAT(out_.str(), HasSubstr("nothing is changed yet: --yes makes these 2 changes"));
}

TEST_F(GpuApply, GivesUpBeforeItMakesAndLeavesWhatIsWantedWhereItIs) {
  Have("3g.20gb", 4, kIdle);
  Have("1g.5gb", 0, kIdle);
  EXPECT_EQ(ApplyConfig("\"3g.20gb\": 2"), kSuccess);
  EXPECT_THAT(made_, ElementsAre("-1g.5gb@0", "+3g.20gb@0"));
  EXPECT_THAT(out_.str(), HasSubstr("2 of 2 changes are made"));
}

TEST_F(GpuApply, HasNothingToDoASecondTime) {
  Have("3g.20gb", 0, kHeld);
  Have("3g.20gb", 4, kIdle);
  EXPECT_EQ(ApplyConfig("\"3g.20gb\": 2"), kSuccess);
  EXPECT_THAT(made_, IsEmpty());
  EXPECT_THAT(out_.str(), HasSubstr("nothing to change"));
}

TEST_F(GpuApply, LeavesWhatIsInUseAndPlacesTheRestBesideIt) {
  Have("2g.10gb", 4, kHeld);
  EXPECT_EQ(ApplyConfig("\"2g.10gb\": 1, \"4g.20gb\": 1"), kSuccess);
  EXPECT_THAT(made_, ElementsAre("+4g.20gb@0"));
}

TEST_F(GpuApply, RefusesWhatWouldNeedAnInstanceOfOthers) {
  Have("2g.10gb", 2, kForeign);
  Have("1g.5gb", 4, kIdle);
  EXPECT_EQ(ApplyConfig("\"3g.20gb\": 1"), kFailure);
  EXPECT_THAT(made_, IsEmpty());
  EXPECT_THAT(out_.str(), HasSubstr("2g.10gb at 2 (foreign) is not in the configuration"));
  EXPECT_THAT(out_.str(), HasSubstr("nothing is changed"));
}

TEST_F(GpuApply, RefusesWhatDoesNotFitBesideWhatRuns) {
  Have("1g.5gb", 1, kHeld);
  EXPECT_EQ(ApplyConfig("\"1g.5gb\": 1, \"4g.20gb\": 1"), kFailure);
  EXPECT_THAT(out_.str(), HasSubstr("does not fit beside what stays"));
  EXPECT_THAT(made_, IsEmpty());
}

TEST_F(GpuApply, StopsAtTheFirstChangeThatFails) {
  fail_at_ = 1;
  EXPECT_EQ(ApplyConfig("\"3g.20gb\": 2"), kFailure);
  EXPECT_EQ(made_.size(), 1U);
  EXPECT_THAT(out_.str(), HasSubstr("1 of 2 changes are made"));
  EXPECT_THAT(err_.str(), HasSubstr("it does not want to"));
}

TEST_F(GpuApply, AppliesThePlanThatWasWrittenAsJson) {
  Have("3g.20gb", 0, kHeld);
  GpuInventory inventory{.gpus = {opened_.devices[0].gpu->gpu}};
  const GpuPlan plan = PlanWishes(inventory, {{.what = "3g.20gb"}}).value();
  EXPECT_EQ(ApplyFile(PlanJson(inventory, plan).dump(), true), kSuccess);
  EXPECT_THAT(made_, ElementsAre("+3g.20gb@4"));
  // Meanwhile somebody else was faster.
  Have("1g.5gb", 6, kForeign);
  made_.clear();
  EXPECT_EQ(ApplyFile(PlanJson(inventory, plan).dump(), true), kFailure);
  EXPECT_THAT(out_.str(), HasSubstr("3g.20gb at 4 does not fit beside 3g.20gb at 0, 1g.5gb at 6"));
  EXPECT_THAT(made_, IsEmpty());
}

TEST_F(GpuApply, RefusesJsonThatIsNoPlan) {
  for (const char* text :
       {"{}", "{\"added\": 3}", "{\"added\": [1]}", "{\"gpus\": [1]}",
        "{\"added\": [{\"uuid\": \"GPU-a100\", \"profile\": \"9g.1gb\", \"start\": 0}]}",
        "{\"added\": [{\"uuid\": \"GPU-other\", \"profile\": \"1g.5gb\", \"start\": 0}]}"}) {
    EXPECT_EQ(ApplyFile(text, true), kFailure) << text;
  }
  EXPECT_THAT(made_, IsEmpty());
}

TEST_F(GpuApply, DoesNotTouchAFencedGpu) {
  opened_.devices[0].gpu->fenced = "XID 79";
  EXPECT_EQ(Apply({.wishes = {{.what = "1g.5gb"}}, .admin = "/nowhere", .confirmed = true}),
            kFailure);
  EXPECT_THAT(out_.str(), HasSubstr("GPU 0 is fenced: XID 79"));
}

TEST(GpuOwners, AreTenantAndModelWhereTheGatewayKnowsTheWorker) {
  GpuInventory inventory{.gpus = {TestGpu("a100")}};
  inventory.gpus[0].instances = {TestInstance(inventory.gpus[0], "1g.5gb", 0),
                                 TestInstance(inventory.gpus[0], "1g.5gb", 1),
                                 TestInstance(inventory.gpus[0], "1g.5gb", 2)};
  using Kind = SlotOwner::Kind;
  inventory.owners = {{{{Kind::kHeld, "w-1"}, {Kind::kIdle, ""}, {Kind::kForeign, ""}}}};
  NameOwners(nlohmann::json::parse(
                 R"({"workers": [{"worker": "w-1", "tenant": "plant", "model": "line-3"}]})"),
             inventory);
  EXPECT_EQ(OwnerText(inventory, 0, 0), "plant/line-3");
  EXPECT_EQ(OwnerText(inventory, 0, 1), "idle");
  EXPECT_EQ(OwnerText(inventory, 0, 2), "foreign");
  const nlohmann::json listed = GpuJson(inventory, 0);
  EXPECT_EQ(listed["instances"][0]["owner"]["name"], "plant/line-3");
  EXPECT_EQ(listed["instances"][2]["owner"]["kind"], "foreign");
  EXPECT_THAT(report::DrawGpu(DrawingOf(inventory, 0, PresentInstances(inventory, 0))),
              HasSubstr("plant/line-3"));
}

}  // namespace
}  // namespace bulkhead::cli
