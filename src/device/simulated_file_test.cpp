// SPDX-License-Identifier: Apache-2.0
// Simulated GPUs that a file keeps.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "device/inventory_file.h"
#include "device/simulated_backend.h"
#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;

class SimulatedFile : public testing::Test {
 protected:
  SimulatedFile() {
    SimulatedGpus gpus(TestGpus());
    MakeForeign(gpus);
    folder_.Write("/gpus.json", FormatInventory(gpus.machine().gpus));
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "gpus.json"; }
  [[nodiscard]] std::filesystem::path owned() const { return path().string() + ".owned"; }
  std::unique_ptr<DeviceBackend> Open(bool recover = true) {
    auto backend = OpenSimulatedFile(path(), recover);
    EXPECT_TRUE(backend.ok()) << backend.error().detail;
    return std::move(backend).value();
  }
  [[nodiscard]] std::string Text() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] PartitionRequest At(const std::string& profile, int start) const {
    return {profile, ReadInventory(path()).value().at(0).uuid, start};
  }

  TestFolder folder_{"/dev/shm"};
};

TEST_F(SimulatedFile, KeepsWhatIsMadeAndWhoseItIs) {
  ASSERT_TRUE(Open()->MakeIdle(At("3g.20gb", 0)).ok());
  const auto instances = ReadInventory(path()).value().at(0).instances;
  ASSERT_EQ(instances.size(), 2U);
  const Device device = Open()->List().value().at(0);
  EXPECT_TRUE(device.simulated);
  EXPECT_TRUE(device.gpu->holders.at(0).ours);
  EXPECT_FALSE(device.gpu->holders.at(1).ours);
  EXPECT_EQ(Open()->RemoveIdle(At("2g.10gb", 4)).error().code, Code::kDenied);
  ASSERT_TRUE(Open()->RemoveIdle(At("3g.20gb", 0)).ok());
  EXPECT_EQ(ReadInventory(path()).value().at(0).instances.size(), 1U);
}

TEST_F(SimulatedFile, IsLeftAsItIsByWhoOnlyLooks) {
  const std::string before = Text();
  EXPECT_EQ(Open(false)->List().value().size(), 3U);
  EXPECT_EQ(Text(), before);
  EXPECT_FALSE(std::filesystem::exists(owned()));
}

// The file of one moment with the journal of the same or of a later one, as a crash may leave them.
TEST_F(SimulatedFile, IsPutInOrderAfterACrash) {
  ASSERT_TRUE(Open()->MakeIdle(At("3g.20gb", 0)).ok());
  const std::string made = Text();
  ASSERT_TRUE(Open()->RemoveIdle(At("3g.20gb", 0)).ok());
  const std::string removed = Text();
  // The journal says that it is gone, and the file that it is there: somebody else's then.
  folder_.Write("/gpus.json", made);
  EXPECT_FALSE(Open()->List().value().at(0).gpu->holders.at(0).ours);
  // The journal says that it is ours, and the file that it is gone.
  folder_.Write("/gpus.json", removed);
  ASSERT_TRUE(Open()->MakeIdle(At("3g.20gb", 0)).ok());
  folder_.Write("/gpus.json", removed);
  EXPECT_EQ(Open()->List().value().at(0).gpu->holders.size(), 1U);
  EXPECT_TRUE(Open()->MakeIdle(At("3g.20gb", 0)).ok());
}

TEST_F(SimulatedFile, IsNotOpenedWhereItIsNone) {
  folder_.Write("/gpus.json", "{}");
  EXPECT_EQ(OpenSimulatedFile(path(), false).error().code, Code::kCorrupt);
  EXPECT_EQ(OpenSimulatedFile(folder_.path() / "nothing", false).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::device
