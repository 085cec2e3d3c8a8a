// SPDX-License-Identifier: Apache-2.0
#include "migparted/import.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::migparted {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Gpu Of(const char* word) {
  const mig::GpuModel& model = *mig::FindGpuModel(word);
  return {&model, model.pci_ids.front(), std::nullopt};
}

Config Parsed(const std::string& entries) {
  const auto document = ParseDocument("version: v1\nmig-configs:\n  c:\n" + entries);
  EXPECT_TRUE(document.ok()) << document.error().public_message;
  return document.value().configs.at(0);
}

std::string All(const std::string& instances) {
  return "    - {devices: all, mig-enabled: true, mig-devices: {" + instances + "}}\n";
}

base::Result<Layouts> Placed(const std::string& entries, const std::vector<Gpu>& gpus) {
  return PlaceConfig(Parsed(entries), gpus);
}

TEST(PlaceConfig, GivesEveryInstanceAPlace) {
  const std::vector<Gpu> gpus = {Of("a100")};
  const auto placed = Placed(All("1g.5gb: 2, 2g.10gb: 1, 3g.20gb: 1"), gpus);
  EXPECT_THAT(placed.value().gpus,
              ElementsAre(GpuLayout{0, true, {{0, 2}, {0, 3}, {3, 0}, {4, 4}}}));
  EXPECT_THAT(placed.value().notes, IsEmpty());
}

TEST(PlaceConfig, LeavesGpusAloneThatAnEntryDoesNotNameOrMatch) {
  const std::vector<Gpu> gpus = {Of("a100"), Of("a30"), Of("a100"), Of("t4")};
  const std::string entries =
      "    - {device-filter: \"0x20B010DE\", devices: [1, 2], mig-enabled: true,"
      " mig-devices: {7g.40gb: 1}}\n"
      "    - {devices: [3], mig-enabled: false}\n";
  EXPECT_THAT(Placed(entries, gpus).value().gpus,
              ElementsAre(GpuLayout{2, true, {{6, 0}}}, GpuLayout{3, false, {}}));
}

TEST(PlaceConfig, MatchesASubsystemOnlyWhereItIsKnown) {
  const std::string entries =
      "    - {device-filter: \"0x233010DE:0x16C010DE\", devices: all, mig-enabled: false}\n";
  std::vector<Gpu> gpus = {Of("h100"), Of("h100"), Of("h100")};
  gpus[1].pci_subsystem = 0x16C110DE;
  gpus[2].pci_subsystem = 0x16C010DE;
  EXPECT_THAT(Placed(entries, gpus).value().gpus, ElementsAre(GpuLayout{2, false, {}}));
}

TEST(PlaceConfig, SaysWhatItTookForAnotherName) {
  const std::vector<Gpu> gpus = {Of("a100-80")};
  EXPECT_THAT(Placed(All("7g.79gb: 1"), gpus).value().notes,
              ElementsAre("GPU 0 (A100-80GB): 7g.80gb is taken for 7g.79gb"));
}

TEST(PlaceConfig, RefusesInOneSentence) {
  const std::vector<Gpu> gpus = {Of("t4"), Of("a100")};
  const std::string on = "devices: [1], mig-enabled: true, mig-devices: ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {All("1g.5gb: 1"), "GPU 0 (T4) has no MIG"},
      {"    - {" + on + "{1g.5gb+gfx: 1}}\n", "GPU 1 (A100-40GB) has no profile 1g.5gb+gfx"},
      {"    - {" + on + "{1g.6gb: 1}}\n", "GPU 1 (A100-40GB) has no profile 1g.6gb"},
      {"    - {" + on + "{1c.3g.20gb: 1}}\n",
       "GPU 1 (A100-40GB) cannot hold 1c.3g.20gb: compute instances of one GPU instance share its "
       "memory, and here each has an instance of its own"},
      {"    - {" + on + "{1g.5gb: 8}}\n",
       "GPU 1 (A100-40GB) cannot hold 8 x 1g.5gb: no 1g.5gb fits beside 7 x 1g.5gb"},
      {"    - {" + on + "{4g.20gb: 1, 3g.20gb: 1, 1g.5gb: 1}}\n",
       "GPU 1 (A100-40GB) cannot hold 1 x 1g.5gb, 1 x 3g.20gb, 1 x 4g.20gb: no 1g.5gb fits beside "
       "1 x 3g.20gb, 1 x 4g.20gb"},
      {"    - {" + on + "{1g.5gb+me: 2}}\n",
       "GPU 1 (A100-40GB) cannot hold 2 x 1g.5gb+me: no 1g.5gb+me fits beside 1 x 1g.5gb+me"},
      {"    - {" + on + "{}}\n    - {" + on + "{}}\n",
       "GPU 1 (A100-40GB) stands in two entries of c"},
      {"    - {devices: [2], mig-enabled: false}\n", "c names GPU 2, and there are 2 GPUs"},
      {"    - {device-filter: \"0x20B710DE\", devices: all, mig-enabled: false}\n",
       "c speaks of no GPU that is here"},
  };
  for (const auto& [entries, message] : cases) {
    const auto placed = Placed(entries, gpus);
    ASSERT_FALSE(placed.ok()) << entries;
    EXPECT_EQ(placed.error().public_message, message);
  }
}

}  // namespace
}  // namespace bulkhead::migparted
