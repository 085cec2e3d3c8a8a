// SPDX-License-Identifier: Apache-2.0
// Ten thousand short lives of a node over the double of NVIDIA's library: calls fail, before and
// after they took effect, nodes end at any point, and each finds what the one before it left.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nvml_double/test_nvml.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr uint64_t kHistories = 10'000;

// One GPU, of which somebody else has 2g.10gb at 4.
SimulatedMachine OneGpu() {
  SimulatedGpus gpus({{MakeSimulatedGpu(A100(), 0)}, {}, {}});
  MakeForeign(gpus);
  return gpus.machine();
}

PartitionRequest RandomPlace(std::mt19937_64& random, const std::string& gpu) {
  const auto& profiles = A100().profiles;
  const mig::Profile& profile = profiles[random() % profiles.size()];
  return {profile.name, gpu, profile.starts[random() % profile.starts.size()]};
}

// What one node does, of everything that a backend can be asked.
void Live(uint64_t seed, DeviceBackend& backend, const std::string& gpu) {
  std::mt19937_64 random(seed);
  std::vector<Partition> held;
  for (int step = 0; step < 6; ++step) {
    if (random() % 4 == 0) {
      const auto when =
          random() % 2 == 0 ? SimulatedGpus::When::kBefore : SimulatedGpus::When::kAfter;
      Double().gpus->FailCall(static_cast<int>(random() % 8),
                              OperatorError(Code::kUnavailable, "lost"), when);
    }
    switch (random() % 5) {
      case 0:
        if (!held.empty() && backend.Release(held.back()).ok()) held.pop_back();
        break;
      case 1:
        (void)backend.MakeIdle(RandomPlace(random, gpu));
        break;
      case 2:
        (void)backend.RemoveIdle(RandomPlace(random, gpu));
        break;
      default: {
        PartitionRequest request = RandomPlace(random, gpu);
        if (random() % 2 == 0) request.start.reset();
        auto partition = backend.Acquire(request);
        if (partition.ok()) held.push_back(std::move(partition).value());
      }
    }
  }
}

TEST(NvmlHistories, LeakNothingAndTouchNothingOfOthersInTenThousand) {
  const TestFolder folder("/dev/shm");
  ResetDouble(OneGpu());
  WriteNvidiaFiles(folder);
  const GpuInstance foreign = Double().gpus->machine().gpus[0].instances.at(0);
  const std::string gpu = Double().gpus->machine().gpus[0].uuid;
  uint64_t made = 0;
  for (uint64_t seed = 1; seed <= kHistories; ++seed) {
    SCOPED_TRACE(seed);
    // The same machine, without the failures that were not reached.
    ResetDouble(Double().gpus->machine());
    auto backend = OpenDouble(folder);
    ASSERT_TRUE(backend.ok()) << backend.error().detail;
    Live(seed, *backend.value(), gpu);
    const auto& there = Double().gpus->machine().gpus[0].instances;
    made += there.size() - 1;
    ASSERT_EQ(std::ranges::count(there, foreign), 1);
    backend.value().reset();
    if (seed % 500 != 0) continue;
    // All that is not of others is ours, and can be had again.
    ResetDouble(Double().gpus->machine());
    const auto last = OpenDouble(folder);
    ASSERT_TRUE(last.ok());
    const Device device = last.value()->List().value().at(0);
    std::ptrdiff_t others = 0;
    for (const InstanceHolder& holder : device.gpu->holders) others += holder.ours ? 0 : 1;
    ASSERT_EQ(others, 1);
    ASSERT_TRUE(last.value()->Acquire({"4g.20gb"}).ok());
    ASSERT_TRUE(last.value()->Acquire({"1g.10gb", std::nullopt, 6}).ok());
    ASSERT_EQ(Double().gpus->machine().gpus[0].instances.size(), 3U);
  }
  EXPECT_GT(made, kHistories);
}

}  // namespace
}  // namespace bulkhead::device
