// SPDX-License-Identifier: Apache-2.0
// Every configuration that mig-parted publishes: on which GPUs it can be placed, and what is said
// where it cannot.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/read_file.h"
#include "migparted/import.h"

namespace bulkhead::migparted {
namespace {

Document Published(const std::string& file) {
  const auto bytes = base::ReadFile(BULKHEAD_TEST_DATA "/mig_parted/" + file, 1 << 20);
  EXPECT_TRUE(bytes.ok()) << file;
  std::string text;
  for (const std::byte byte : bytes.value()) text += static_cast<char>(byte);
  const auto document = ParseDocument(text);
  EXPECT_TRUE(document.ok()) << document.error().public_message;
  return document.value();
}

std::vector<Gpu> Machine(std::size_t count, const mig::GpuModel& model) {
  return std::vector<Gpu>(count, {&model, model.pci_ids.front(), std::nullopt});
}

constexpr const char* kOfTheDefaultFile =
    R"(all-disabled: a100 a100-80 a30 h100 h100-94 h200 b200 rtxpro6000 t4 l4
all-enabled: a100 a100-80 a30 h100 h100-94 h200 b200 rtxpro6000
all-1g.5gb: a100
all-1g.5gb.me: a100 a30
all-2g.10gb: a100
all-3g.20gb: a100
all-4g.20gb: a100
all-7g.40gb: a100
all-1g.24gb.gfx: rtxpro6000
all-1g.24gb.me.all: rtxpro6000
all-1g.24gb-me: rtxpro6000
all-2g.48gb: rtxpro6000
all-2g.48gb.gfx: rtxpro6000
all-2g.48gb.me.all: rtxpro6000
all-2g.48gb-me: rtxpro6000
all-4g.96gb: rtxpro6000
all-4g.96gb.gfx: rtxpro6000
all-1g.10gb: a100 a100-80 h100
all-1g.10gb.me: a100-80 h100
all-1g.20gb: a100-80 h100
all-2g.20gb: a100-80 h100
all-3g.40gb: a100-80 h100
all-4g.40gb: a100-80 h100
all-7g.80gb: a100-80 h100
all-1g.6gb: a30
all-1g.6gb.me: a30
all-2g.12gb: a30
all-2g.12gb.me: a30
all-4g.24gb: a30
all-1g.12gb: h100-94
all-1g.12gb.me: h100-94
all-1g.24gb: h100-94 b200 rtxpro6000
all-2g.24gb: h100-94
all-1g.24gb.me: b200 rtxpro6000
all-1g.47gb: -
all-2g.47gb: -
all-3g.93gb: -
all-4g.93gb: -
all-7g.186gb: -
all-3g.47gb: h100-94
all-4g.47gb: h100-94
all-7g.94gb: h100-94
all-3g.48gb: h100-94
all-4g.48gb: h100-94
all-7g.96gb: -
all-balanced: a100 a100-80 a30 h100 h100-94 h200 b200 rtxpro6000
all-1g.18gb: h200
all-1g.18gb.me: h200
all-1g.23gb: b200
all-1g.23gb.me: b200 rtxpro6000
all-1g.35gb: h200
all-2g.35gb: h200
all-3g.71gb: h200
all-4g.71gb: h200
all-7g.141gb: h200
all-1g.34gb: -
all-1g.34gb.me: -
all-1g.35gb.me: -
all-1g.36gb: h200
all-1g.45gb: b200
all-1g.67gb: -
all-1g.70gb: -
all-2g.36gb: h200
all-2g.45gb: b200
all-2g.67gb: -
all-2g.70gb: -
all-3g.72gb: h200
all-3g.90gb: b200
all-3g.95gb: -
all-3g.135gb: -
all-3g.139gb: -
all-4g.72gb: h200
all-4g.90gb: b200
all-4g.95gb: rtxpro6000
all-4g.135gb: -
all-4g.139gb: -
all-7g.144gb: -
all-7g.180gb: b200
all-7g.189gb: -
all-7g.269gb: -
all-7g.278gb: -
)";

constexpr const char* kOfTheExample =
    R"(all-disabled: a100 a100-80 a30 h100 h100-94 h200 b200 rtxpro6000 t4 l4
all-enabled: a100 a100-80 a30 h100 h100-94 h200 b200 rtxpro6000
all-1g.5gb: a100
all-1g.5gb.me: a100 a30
all-1g.10gb: a100 a100-80 h100
all-2g.10gb: a100
all-3g.20gb: a100
all-balanced: a100
custom-config: a100
)";

// "NAME: models on which it is placed", or "NAME: -", a line for each configuration.
std::string WhereTheyFit(const Document& document, std::size_t gpus_each) {
  std::string out;
  for (const Config& config : document.configs) {
    std::string words;
    for (const mig::GpuModel& model : mig::GpuModels()) {
      const std::vector<Gpu> machine = Machine(gpus_each, model);
      const auto placed = PlaceConfig(config, machine);
      if (!placed.ok()) {
        EXPECT_EQ(placed.error().public_message.find('\n'), std::string::npos);
        EXPECT_NE(placed.error().public_message, "");
        continue;
      }
      EXPECT_EQ(placed.value().gpus.size(), gpus_each) << config.name;
      for (const GpuLayout& layout : placed.value().gpus) {
        EXPECT_TRUE(mig::IsLegal(model, layout.instances)) << config.name;
      }
      words += " " + model.word;
    }
    out += config.name + ":" + (words.empty() ? " -" : words) + "\n";
  }
  return out;
}

TEST(PublishedConfigs, OfTheDefaultFileFitTheseGpus) {
  EXPECT_EQ(WhereTheyFit(Published("config-default.yaml"), 2), kOfTheDefaultFile);
}

TEST(PublishedConfigs, OfTheExampleFitTheseMachinesOfEight) {
  EXPECT_EQ(WhereTheyFit(Published("config.yaml"), 8), kOfTheExample);
}

// Four A100 and, as GPU 3, the one that drives the display.
TEST(PublishedConfigs, OfADgxStationFitADgxStation) {
  const mig::GpuModel& a100 = *mig::FindGpuModel("a100-80");
  mig::GpuModel display;
  display.name = "display";
  std::vector<Gpu> station = Machine(5, a100);
  station[3] = {&display, 0x1FB010DE, std::nullopt};
  const Document document = Published("dgx-station-80gb-config.yaml");
  EXPECT_EQ(document.configs.size(), 9U);
  for (const Config& config : document.configs) {
    const auto placed = PlaceConfig(config, station);
    ASSERT_TRUE(placed.ok()) << placed.error().public_message;
    EXPECT_EQ(placed.value().gpus.size(), 5U) << config.name;
    EXPECT_FALSE(placed.value().gpus[3].mig_enabled) << config.name;
    EXPECT_EQ(placed.value().gpus[4].instances.empty(),
              config.name.find("abled") != std::string::npos)
        << config.name;
  }
}

std::string Refused(const char* config, const char* word) {
  const Document document = Published("config-default.yaml");
  const auto placed = PlaceConfig(*document.Find(config), Machine(1, *mig::FindGpuModel(word)));
  return placed.ok() ? "placed" : placed.error().public_message;
}

TEST(PublishedConfigs, AreRefusedWithASentence) {
  EXPECT_EQ(Refused("all-1g.5gb", "a30"),
            "GPU 0 (A30) cannot hold 7 x 1g.6gb: no 1g.6gb fits beside 4 x 1g.6gb");
  EXPECT_EQ(Refused("all-enabled", "t4"), "GPU 0 (T4) has no MIG");
  EXPECT_EQ(Refused("all-7g.278gb", "b200"), "GPU 0 (B200) has no profile 7g.278gb");
  EXPECT_EQ(Refused("all-balanced", "l4"), "all-balanced speaks of no GPU that is here");
}

TEST(PublishedConfigs, KeepTheirMeaningThroughWriteAndRead) {
  for (const char* file : {"config-default.yaml", "config.yaml", "dgx-station-80gb-config.yaml"}) {
    const Document document = Published(file);
    EXPECT_EQ(ParseDocument(FormatDocument(document).value()).value(), document) << file;
  }
}

}  // namespace
}  // namespace bulkhead::migparted
