// SPDX-License-Identifier: Apache-2.0
#include "device/inventory_file.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/simulated_backend.h"
#include "device/simulation.h"
#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;

std::vector<Gpu> Captured() {
  SimulatedGpus gpus(TestGpus());
  MakeForeign(gpus);
  std::vector<Gpu> captured = gpus.machine().gpus;
  captured[1].ecc.reset();
  captured[1].mig = MigMode::kOff;
  captured[1].model.profiles[0].observed = false;
  captured[1].model.observed = false;
  return captured;
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(InventoryFile, ReadsWhatItWrites) {
  const std::vector<Gpu> captured = Captured();
  const auto read = ParseInventory(FormatInventory(captured));
  ASSERT_TRUE(read.ok()) << read.error().detail;
  ASSERT_EQ(read.value().size(), captured.size());
  for (std::size_t i = 0; i < captured.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(read.value()[i].uuid, captured[i].uuid);
    EXPECT_EQ(read.value()[i].mig, captured[i].mig);
    EXPECT_EQ(read.value()[i].ecc, captured[i].ecc);
    EXPECT_EQ(read.value()[i].exclusive, captured[i].exclusive);
    EXPECT_EQ(read.value()[i].instances, captured[i].instances);
    EXPECT_EQ(read.value()[i].model.units, captured[i].model.units);
    EXPECT_EQ(read.value()[i].model.memory_mib, captured[i].model.memory_mib);
    EXPECT_EQ(read.value()[i].model.profiles, captured[i].model.profiles);
    EXPECT_EQ(read.value()[i].model.observed, captured[i].model.observed);
    EXPECT_EQ(read.value()[i].model.engines, captured[i].model.engines);
  }
  EXPECT_EQ(FormatInventory(read.value()), FormatInventory(captured));
}

TEST(InventoryFile, IsReadWithoutWhatEarlierCapturesLack) {
  std::string text = FormatInventory(Captured());
  for (const std::string line : {"\"observed\": true", "\"observed\": false"}) {
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line)) {
      text.replace(at, line.size(), "\"other\": 0");
    }
  }
  for (std::size_t at = text.find("\"engines\""); at != std::string::npos;
       at = text.find("\"engines\"")) {
    text.replace(at, 9, "\"others\"");
  }
  const auto read = ParseInventory(text);
  ASSERT_TRUE(read.ok()) << read.error().detail;
  // What the tables know of this PCI id.
  EXPECT_EQ(read.value()[0].model.name, "A100-40GB");
  EXPECT_EQ(read.value()[0].model.engines, A100().engines);
  EXPECT_TRUE(read.value()[1].model.profiles[0].observed);
}

TEST(InventoryFile, IsSimulatedWithTheInstancesThatWereThere) {
  const TestFolder folder;
  folder.Write("/gpus.json", FormatInventory(Captured()));
  const std::string file = (folder.path() / "gpus.json").string();
  const auto backend = OpenSimulatedBackend("file=" + file);
  ASSERT_TRUE(backend.ok()) << backend.error().detail;
  const Device device = backend.value()->List().value().at(0);
  EXPECT_EQ(device.name, "simulated NVIDIA A100-SXM4-40GB");
  ASSERT_EQ(device.gpu->holders.size(), 1U);
  EXPECT_FALSE(device.gpu->holders[0].ours);
  EXPECT_EQ(backend.value()->Acquire({"2g.10gb", device.id, 4}).error().code, Code::kExhausted);
  folder.Write("/gpus.json", "{}");
  EXPECT_THAT(ReadSimulation("file=" + file).error().detail, testing::HasSubstr("gpus.json"));
}

TEST(InventoryFile, RefusesWhatNoDriverAllows) {
  const std::string text = FormatInventory(Captured());
  for (const std::string& damaged :
       {std::string(), std::string("null"), std::string("{}"), text.substr(0, text.size() / 2),
        Replaced(text, "bulkhead-gpu", "another"),
        Replaced(text, "\"version\": 1", "\"version\": 2"),
        Replaced(text, "\"units\": 1", "\"units\": 0"),
        Replaced(text, "\"units\": 1", "\"units\": 40"),
        Replaced(text, "\"units\": 1", "\"units\": 1.5"),
        Replaced(text, "\"id\": 19", "\"id\": -1"), Replaced(text, "\"id\": 19", "\"id\": 20"),
        Replaced(text, "\"observed\": true", "\"observed\": 1"),
        Replaced(text, "\"decoders\": 5", "\"decoders\": -5"),
        Replaced(text, "\"usual\"", "\"unusual\""), Replaced(text, "\"start\": 4", "\"start\": 5"),
        Replaced(text, "\"mig\": \"on\"", "\"mig\": 1"),
        Replaced(text, "\"memory_mib\": 40960", "\"memory_mib\": 99999999999999"),
        Replaced(text, "GPU-5107a7ed-0001", "GPU-5107a7ed-0000")}) {
    const auto read = ParseInventory(damaged);
    ASSERT_FALSE(read.ok()) << damaged.substr(0, 200);
    EXPECT_EQ(read.error().code, Code::kCorrupt);
  }
}

}  // namespace
}  // namespace bulkhead::device
