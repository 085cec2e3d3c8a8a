// SPDX-License-Identifier: Apache-2.0
#include "device/simulation.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/simulated_backend.h"
#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(Simulation, CountsModels) {
  const auto gpus = ReadSimulation("A100-40GBx3,A100-40GB");
  ASSERT_TRUE(gpus.ok()) << gpus.error().detail;
  ASSERT_EQ(gpus.value().size(), 4U);
  std::set<std::string> uuids;
  for (const Gpu& gpu : gpus.value()) {
    EXPECT_TRUE(uuids.insert(gpu.uuid).second);
    EXPECT_EQ(gpu.model.name, "A100-40GB");
    EXPECT_EQ(gpu.mig, MigMode::kOn);
  }
}

TEST(Simulation, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", ",", "A100-40GB,", "x3", "A100-40GBx", "A100-40GBx0", "A100-40GBx-1",
                           "A100-40GBx99999999999999999999", "A100-40GBx16385",
                           "A100-40GBx16384,A100-40GB", "voodoo2", "A100-40GB x3"}) {
    const auto gpus = ReadSimulation(text);
    ASSERT_FALSE(gpus.ok()) << text;
    EXPECT_EQ(gpus.error().code, base::Code::kInvalid) << text;
    EXPECT_THAT(gpus.error().detail, HasSubstr("a100")) << text;
  }
  EXPECT_EQ(ReadSimulation("file=/no/such/file").error().code, base::Code::kNotFound);
}

TEST(SimulatedBackend, SaysEverywhereThatItIsSimulated) {
  const auto backend = OpenSimulatedBackend("A100-40GB");
  ASSERT_TRUE(backend.ok()) << backend.error().detail;
  const Device device = backend.value()->List().value().at(0);
  EXPECT_TRUE(device.simulated);
  EXPECT_THAT(device.name, testing::StartsWith("simulated "));
  const Partition partition = backend.value()->Acquire({"3g.20gb"}).value();
  EXPECT_TRUE(partition.simulated);
  EXPECT_THAT(partition.device_nodes, IsEmpty());
  EXPECT_THAT(partition.environment, IsEmpty());
  EXPECT_TRUE(backend.value()->Scrub(partition).ok());
}

}  // namespace
}  // namespace bulkhead::device
