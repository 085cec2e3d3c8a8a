// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_layouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/test_inventory.h"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kConfigs =
    "version: v1\n"
    "mig-configs:\n"
    "  halves:\n"
    "  - devices: all\n"
    "    mig-enabled: true\n"
    "    mig-devices: {\"3g.20gb\": 2}\n"
    "  off:\n"
    "  - devices: all\n"
    "    mig-enabled: false\n"
    "    mig-devices: {}\n";

TEST(GpuImport, SaysWhatIsKeptMadeAndGivenUp) {
  GpuInventory inventory{.gpus = {TestGpu("a100")}};
  const device::Gpu& gpu = inventory.gpus[0];
  inventory.gpus[0].instances = {TestInstance(gpu, "3g.20gb", 0), TestInstance(gpu, "1g.5gb", 4)};
  const LayoutImport import = ImportLayouts(inventory, kConfigs, "halves").value();
  const std::string text = ImportText(inventory, import);
  EXPECT_THAT(text, HasSubstr("- 1g.5gb at 4\n  3g.20gb at 0\n+ 3g.20gb at 4\n"));
  const nlohmann::json document = ImportJson(inventory, import);
  EXPECT_EQ(document["gpus"][0]["added"][0]["start"], 4);
  EXPECT_EQ(document["gpus"][0]["mode_differs"], false);
}

TEST(GpuImport, LeavesTheModeToTheAdministratorAndSaysSo) {
  const GpuInventory inventory{.gpus = {TestGpu("a100")}};
  const LayoutImport import = ImportLayouts(inventory, kConfigs, "off").value();
  EXPECT_THAT(ImportText(inventory, import), HasSubstr("! MIG is to be off"));
}

TEST(GpuImport, NamesTheConfigurationsThereAre) {
  const GpuInventory inventory{.gpus = {TestGpu("a100")}};
  for (const char* name : {"", "thirds"}) {
    const auto import = ImportLayouts(inventory, kConfigs, name);
    ASSERT_FALSE(import.ok());
    EXPECT_THAT(import.error().detail, HasSubstr("halves, off"));
  }
}

TEST(GpuExport, IsReadBackToTheSameCounts) {
  GpuInventory inventory{.gpus = {TestGpu("a100"), TestGpu("a100")}};
  inventory.gpus[1].instances = {TestInstance(inventory.gpus[1], "2g.10gb", 2)};
  const std::string text = ExportLayouts(inventory, "now").value();
  const LayoutImport import = ImportLayouts(inventory, text, "now").value();
  ASSERT_EQ(import.changes.size(), 2U);
  EXPECT_TRUE(import.changes[0].added.empty());
  // The format has no places: it may come back at another one.
  EXPECT_EQ(import.changes[1].kept.size() + import.changes[1].added.size(), 1U);
}

}  // namespace
}  // namespace bulkhead::cli
