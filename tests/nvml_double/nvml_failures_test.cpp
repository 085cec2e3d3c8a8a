// SPDX-License-Identifier: Apache-2.0
// Every call to NVIDIA's library failing, one at a time and at random.
#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nvml_double/test_nvml.h"

namespace bulkhead::device {
namespace {

// One GPU with three profiles and a foreign instance: fewer calls, each of which fails in its turn.
SimulatedMachine SmallMachine() {
  mig::GpuModel model = A100();
  std::erase_if(model.profiles, [](const mig::Profile& profile) {
    return profile.name != "1g.5gb" && profile.name != "2g.10gb" && profile.name != "7g.40gb";
  });
  SimulatedGpus gpus({{MakeSimulatedGpu(model, 0)}, {}, {}});
  MakeForeign(gpus);
  return gpus.machine();
}

// As far as it goes: a partition is taken, cleared and put back.
void Use(const TestFolder& folder) {
  auto backend = OpenDouble(folder);
  if (!backend.ok()) return;
  const auto partition = backend.value()->Acquire({"2g.10gb"});
  if (!partition.ok()) return;
  (void)backend.value()->Scrub(partition.value());
  if (backend.value()->Release(partition.value()).ok()) return;
  (void)backend.value()->Release(partition.value());
}

// After a start without failures nothing is there but what is foreign, once the rest is released.
void ExpectNoLeak(const TestFolder& folder, const GpuInstance& foreign) {
  Double().failures.clear();
  {
    auto backend = OpenDouble(folder);
    ASSERT_TRUE(backend.ok()) << backend.error().detail;
    std::vector<Partition> all;
    for (auto next = backend.value()->Acquire({"1g.5gb"}); next.ok();
         next = backend.value()->Acquire({"1g.5gb"})) {
      all.push_back(next.value());
    }
    ASSERT_EQ(all.size(), 5U);
    for (const Partition& one : all) ASSERT_TRUE(backend.value()->Release(one).ok());
  }
  const auto& there = Double().gpus->machine().gpus[0].instances;
  ASSERT_EQ(there.size(), 1U);
  ASSERT_EQ(there[0], foreign);
}

TEST(NvmlFailures, LeaveNoInstanceBehindWhateverCallFails) {
  const TestFolder folder("/dev/shm");
  WriteNvidiaFiles(folder);
  ResetDouble(SmallMachine());
  const GpuInstance foreign = Double().gpus->machine().gpus[0].instances.at(0);
  Use(folder);
  const std::vector<std::string> calls = Double().calls;
  ASSERT_GT(calls.size(), 150U);
  using Failure = NvmlDouble::Failure;
  const std::array<Failure, 9> failures{{{nvml::kUnknown, false},
                                         {nvml::kUnknown, true},
                                         {nvml::kGpuIsLost, false},
                                         {nvml::kGpuIsLost, true},
                                         {nvml::kNoPermission, false},
                                         {nvml::kInsufficientResources, false},
                                         {nvml::kInUse, false},
                                         {nvml::kNotFound, false},
                                         {nvml::kOperatingSystem, false}}};
  for (std::size_t call = 0; call < calls.size(); ++call) {
    for (const Failure& failure : failures) {
      SCOPED_TRACE(calls[call] + ", call " + std::to_string(call) + ", code " +
                   std::to_string(failure.code) + (failure.after ? " after" : " before"));
      Double().calls.clear();
      Double().failures = {{call, failure}};
      Use(folder);
      ASSERT_EQ(Double().sessions, 0);
      // Each failure on a clean machine; a look that costs nothing finds most of what is left.
      const auto& there = Double().gpus->machine().gpus[0].instances;
      ASSERT_EQ(std::ranges::count(there, foreign), 1);
      if (there.size() > 1 || call % 8 == 0) {
        ASSERT_NO_FATAL_FAILURE(ExpectNoLeak(folder, foreign));
      }
    }
  }
}

TEST(NvmlFailures, LeaveNoInstanceBehindInRandomHistories) {
  const TestFolder folder("/dev/shm");
  WriteNvidiaFiles(folder);
  ResetDouble(SmallMachine());
  const GpuInstance foreign = Double().gpus->machine().gpus[0].instances.at(0);
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Double().calls.clear();
    Double().failures.clear();
    for (int i = 0; i < 6; ++i) {
      // Only an unknown error may come after what was asked for was done.
      const bool unknown = random() % 2 == 0;
      Double().failures[60 + random() % 600] = {unknown ? nvml::kUnknown : nvml::kInUse,
                                                unknown && random() % 2 == 0};
    }
    {
      auto backend = OpenDouble(folder);
      std::vector<Partition> held;
      for (int step = 0; backend.ok() && step < 8; ++step) {
        if (!held.empty() && random() % 2 == 0) {
          if (backend.value()->Release(held.back()).ok()) held.pop_back();
          continue;
        }
        auto next = backend.value()->Acquire({random() % 2 == 0 ? "1g.5gb" : "2g.10gb"});
        if (next.ok()) held.push_back(std::move(next).value());
      }
    }
    ASSERT_EQ(std::ranges::count(Double().gpus->machine().gpus[0].instances, foreign), 1);
    if (seed % 20 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(ExpectNoLeak(folder, foreign));
  }
}

}  // namespace
}  // namespace bulkhead::device
