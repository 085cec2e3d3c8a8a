// SPDX-License-Identifier: Apache-2.0
// What every DeviceBackend promises, run over each implementation.
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/cpu_backend.h"
#include "device/simulated_backend.h"
#include "device/test_gpus.h"
#include "device/test_machine.h"
#include "nvml_double/test_nvml.h"

namespace bulkhead::device {
namespace {

using base::Code;

// A machine that nobody else uses while a test runs.
struct Implementation {
  std::string name;
  std::function<std::unique_ptr<DeviceBackend>(const TestFolder&)> open;
  std::vector<std::string> profiles;   // each fits on the empty machine, the first one twice
  std::vector<std::string> strangers;  // profiles of other backends and plain nonsense
  std::string too_large;               // a profile that never fits
};

void PrintTo(const Implementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

class DeviceBackendContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    backend_ = GetParam().open(folder_);
    ASSERT_NE(backend_, nullptr);
  }

  std::vector<Device> List() {
    auto devices = backend_->List();
    EXPECT_TRUE(devices.ok());
    return devices.ok() ? std::move(devices).value() : std::vector<Device>{};
  }

  // Cores and memory that are free, over all devices.
  std::pair<int, int64_t> Free() {
    std::pair<int, int64_t> free{0, 0};
    for (const Device& device : List()) {
      free.first += device.cores_free;
      free.second += device.memory_free_bytes;
    }
    return free;
  }

  TestFolder folder_;
  std::unique_ptr<DeviceBackend> backend_;
};

TEST_P(DeviceBackendContract, ListsDevicesThatHaveNoMoreFreeThanTheyHave) {
  const auto devices = List();
  ASSERT_FALSE(devices.empty());
  std::set<std::string> ids;
  for (const Device& device : devices) {
    EXPECT_TRUE(ids.insert(device.id).second) << device.id;
    EXPECT_NE(device.name, "");
    EXPECT_GE(device.cores_free, 0);
    EXPECT_LE(device.cores_free, device.cores_total);
    EXPECT_GE(device.memory_free_bytes, 0);
    EXPECT_LE(device.memory_free_bytes, device.memory_total_bytes);
  }
}

TEST_P(DeviceBackendContract, TakesAPartitionOutOfThePoolAndPutsItBack) {
  const auto before = Free();
  for (const std::string& profile : GetParam().profiles) {
    const auto partition = backend_->Acquire({profile});
    ASSERT_TRUE(partition.ok()) << profile << ": " << partition.error().detail;
    EXPECT_EQ(partition.value().profile, profile);
    EXPECT_LT(Free().second, before.second);
    EXPECT_TRUE(backend_->Scrub(partition.value()).ok());
    EXPECT_TRUE(backend_->Release(partition.value()).ok());
    EXPECT_EQ(Free(), before);
  }
}

TEST_P(DeviceBackendContract, RefusesProfilesOfOthers) {
  for (const std::string& profile : GetParam().strangers) {
    const auto partition = backend_->Acquire({profile});
    ASSERT_FALSE(partition.ok()) << profile;
    EXPECT_EQ(partition.error().code, Code::kInvalid) << profile;
  }
}

TEST_P(DeviceBackendContract, RefusesPlacesThatItDoesNotHave) {
  const auto before = Free();
  const std::string& profile = GetParam().profiles.front();
  for (const PartitionRequest& request :
       {PartitionRequest{profile, "no such device"}, PartitionRequest{profile, std::nullopt, 1000},
        PartitionRequest{profile, std::nullopt, -1}}) {
    const auto partition = backend_->Acquire(request);
    ASSERT_FALSE(partition.ok());
    EXPECT_EQ(partition.error().code, Code::kInvalid) << partition.error().detail;
  }
  EXPECT_EQ(Free(), before);
}

TEST_P(DeviceBackendContract, TakesAPartitionOfTheDeviceThatIsNamed) {
  const std::string& profile = GetParam().profiles.front();
  int taken = 0;
  for (const Device& device : List()) {
    const auto partition = backend_->Acquire({profile, device.id});
    if (!partition.ok()) {
      // It never has this profile, or has no room for it.
      EXPECT_TRUE(partition.error().code == Code::kInvalid ||
                  partition.error().code == Code::kExhausted);
      continue;
    }
    ++taken;
    EXPECT_EQ(partition.value().device_id, device.id);
    EXPECT_EQ(partition.value().simulated, device.simulated);
    EXPECT_TRUE(backend_->Release(partition.value()).ok());
  }
  EXPECT_GT(taken, 0);
}

TEST_P(DeviceBackendContract, RunsOutOfRoomAndHasItAgainAfterARelease) {
  const auto before = Free();
  const std::string& profile = GetParam().profiles.front();
  std::vector<Partition> held;
  for (auto next = backend_->Acquire({profile}); next.ok(); next = backend_->Acquire({profile})) {
    held.push_back(next.value());
    ASSERT_LT(held.size(), 10'000U);
  }
  ASSERT_GE(held.size(), 2U);
  EXPECT_EQ(backend_->Acquire({profile}).error().code, Code::kExhausted);
  ASSERT_TRUE(backend_->Release(held.back()).ok());
  held.back() = backend_->Acquire({profile}).value();
  for (const Partition& partition : held) EXPECT_TRUE(backend_->Release(partition).ok());
  EXPECT_EQ(Free(), before);
}

TEST_P(DeviceBackendContract, TakesNothingWhenItRefuses) {
  const auto before = Free();
  EXPECT_EQ(backend_->Acquire({GetParam().too_large}).error().code, Code::kExhausted);
  EXPECT_EQ(Free(), before);
}

TEST_P(DeviceBackendContract, ReleasesOnlyOnce) {
  const std::string& profile = GetParam().profiles.front();
  const Partition first = backend_->Acquire({profile}).value();
  ASSERT_TRUE(backend_->Release(first).ok());
  EXPECT_EQ(backend_->Release(first).error().code, Code::kNotFound);
  EXPECT_EQ(backend_->Scrub(first).error().code, Code::kNotFound);
  // Nor does the old copy release what took its place.
  const Partition second = backend_->Acquire({profile}).value();
  const auto during = Free();
  EXPECT_EQ(backend_->Release(first).error().code, Code::kNotFound);
  EXPECT_EQ(Free(), during);
  EXPECT_TRUE(backend_->Release(second).ok());
}

// What processes of several partitions open: the GPU's own nodes, beside those of the instance.
bool IsShared(const std::filesystem::path& node) {
  return !node.string().starts_with("/dev/nvidia-caps/");
}

// Fails the test when two of `held` share a name, a core or an exclusive device node.
void ExpectApart(const std::vector<Partition>& held) {
  std::set<std::string> names;
  std::set<int> cpus;
  std::set<std::string> nodes;
  for (const Partition& partition : held) {
    ASSERT_TRUE(names.insert(partition.id).second) << partition.id;
    ASSERT_TRUE(!partition.cpus.empty() || partition.device_memory_bytes > 0);
    for (const int cpu : partition.cpus) ASSERT_TRUE(cpus.insert(cpu).second) << "CPU " << cpu;
    for (const auto& node : partition.device_nodes) {
      ASSERT_TRUE(nodes.insert(node.string()).second || IsShared(node)) << node;
    }
  }
}

TEST_P(DeviceBackendContract, NeverGivesTwoHoldersTheSame) {
  const auto before = Free();
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<Partition> held;
    for (int step = 0; step < 200; ++step) {
      if (!held.empty() && random() % 2 == 0) {
        const auto victim = held.begin() + static_cast<std::ptrdiff_t>(random() % held.size());
        ASSERT_TRUE(backend_->Release(*victim).ok());
        held.erase(victim);
        continue;
      }
      const auto& profiles = GetParam().profiles;
      const auto partition = backend_->Acquire({profiles[random() % profiles.size()]});
      if (partition.ok()) {
        held.push_back(partition.value());
      } else {
        ASSERT_EQ(partition.error().code, Code::kExhausted);
      }
      ASSERT_NO_FATAL_FAILURE(ExpectApart(held));
      int64_t memory = 0;
      for (const Partition& one : held) memory += one.memory_bytes + one.device_memory_bytes;
      ASSERT_EQ(Free().second, before.second - memory);
    }
    for (const Partition& partition : held) ASSERT_TRUE(backend_->Release(partition).ok());
    ASSERT_EQ(Free(), before);
  }
}

Implementation Cpu(const std::string& name, const std::function<void(const TestFolder&)>& write) {
  return {name,
          [write](const TestFolder& folder) -> std::unique_ptr<DeviceBackend> {
            write(folder);
            auto backend = OpenCpuBackend({.root = folder.path()});
            return backend.ok() ? std::move(backend).value() : nullptr;
          },
          {"cpu:1c512m", "cpu:2c1g", "cpu:1c3g"},
          {"", "cpu", "1g.5gb", "gpu", "cpu:1c", "cpu:0c1g", "sim:cpu:1c1g"},
          "cpu:4000c1g"};
}

std::function<void(const TestFolder&)> Write(const TestMachine& machine) {
  return [machine](const TestFolder& folder) { WriteMachine(machine, folder); };
}

Implementation Simulated(const std::string& name, const std::string& text,
                         std::vector<std::string> profiles, std::string too_large) {
  return {name,
          [text](const TestFolder& /*folder*/) -> std::unique_ptr<DeviceBackend> {
            auto backend = OpenSimulatedBackend(text);
            return backend.ok() ? std::move(backend).value() : nullptr;
          },
          std::move(profiles),
          {"", "cpu", "cpu:1c1g", "1g", "1g.5gb ", "9g.5gb", "1c.2g.10gb", "GPU"},
          std::move(too_large)};
}

// Two A100 of which one has an instance of somebody else's, and a T4 that takes many processes.
Implementation Nvml() {
  return {"NvmlOfADouble",
          [](const TestFolder& folder) -> std::unique_ptr<DeviceBackend> {
            ResetDouble(TestGpus());
            MakeForeign(*Double().gpus);
            Double().gpus->machine().gpus[2].exclusive = false;
            WriteNvidiaFiles(folder);
            auto backend = OpenDouble(folder);
            return backend.ok() ? std::move(backend).value() : nullptr;
          },
          {"1g.5gb", "2g.10gb", "3g.20gb", "1g.5gb+me"},
          {"", "cpu", "cpu:1c1g", "1g", "9g.5gb", "1c.2g.10gb"},
          "gpu"};
}

INSTANTIATE_TEST_SUITE_P(Devices, DeviceBackendContract,
                         testing::Values(Cpu("CpuOfAVm", Write(TwoCoreVm())),
                                         Cpu("CpuOfAServer", Write(TwoSocketServer())),
                                         Cpu("CpuOfALaptop", Write(HybridLaptop())),
                                         Cpu("CpuOfAContainer", WriteContainer),
                                         Simulated("SimulatedA100", "A100-40GBx3",
                                                   {"1g.5gb", "2g.10gb", "3g.20gb", "1g.5gb+me"},
                                                   "gpu"),
                                         Nvml()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::device
