// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "migparted/import.h"

namespace bulkhead::migparted {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

Gpu Of(const char* word) {
  const mig::GpuModel& model = *mig::FindGpuModel(word);
  return {&model, model.pci_ids.front(), std::nullopt};
}

TEST(ExportConfig, WritesGpusWithTheSameCountsAsOne) {
  const std::vector<Gpu> gpus = {Of("a100"), Of("a100"), Of("t4"), Of("a100")};
  // The first two differ in places alone, which is what the format loses.
  const std::vector<GpuLayout> layouts = {{0, true, {{0, 0}, {0, 1}, {4, 4}}},
                                          {1, true, {{0, 5}, {0, 6}, {4, 0}}},
                                          {2, false, {}},
                                          {3, true, {}}};
  const std::string text = ExportConfig("now", gpus, layouts).value();
  EXPECT_THAT(text, StartsWith("# Numbers of instances only"));
  EXPECT_THAT(text, EndsWith(R"(
  "now":
    - devices: [0, 1]
      mig-enabled: true
      mig-devices:
        "1g.5gb": 2
        "3g.20gb": 1
    - devices: [2]
      mig-enabled: false
    - devices: [3]
      mig-enabled: true
      mig-devices: {}
)"));
}

TEST(ExportConfig, IsImportedWithTheSameCounts) {
  std::vector<Gpu> gpus;
  std::vector<GpuLayout> layouts;
  for (const mig::GpuModel& model : mig::GpuModels()) {
    if (!model.mig()) continue;
    const int last = static_cast<int>(model.profiles.size()) - 1;
    const int index = static_cast<int>(gpus.size());
    layouts.push_back({index, true, {{model.profiles.back().graphics ? last - 1 : last, 0}}});
    gpus.push_back({&model, model.pci_ids.front(), std::nullopt});
  }
  const std::string text = ExportConfig("whole", gpus, layouts).value();
  const auto placed = PlaceConfig(*ParseDocument(text).value().Find("whole"), gpus);
  EXPECT_EQ(placed.value().gpus, layouts);
}

TEST(ExportConfig, RefusesANameThatTheFileCannotHold) {
  EXPECT_FALSE(ExportConfig("my config", {}, {}).ok());
  EXPECT_FALSE(ExportConfig("", {}, {}).ok());
}

}  // namespace
}  // namespace bulkhead::migparted
