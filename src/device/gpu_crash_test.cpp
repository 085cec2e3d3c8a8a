// SPDX-License-Identifier: Apache-2.0
// What a node finds that starts after one that was killed, at whatever point.
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "device/test_gpus.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr const char* kBoot = "boot-1";

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The machine and the journal at one moment.
struct Moment {
  SimulatedMachine machine;
  std::string journal;
};

std::unique_ptr<DeviceBackend> OpenAt(const std::shared_ptr<SimulatedGpus>& gpus,
                                      const TestFolder& folder, const std::string& boot = kBoot) {
  auto journal = InstanceJournal::Open(folder.path(), boot);
  EXPECT_TRUE(journal.ok()) << journal.error().detail;
  return OpenTestGpus(gpus, std::move(journal).value());
}

// All that can be in use are the foreign instance and what is held; the rest is adopted and whole.
void ExpectRecovered(const Moment& moment) {
  const TestFolder folder("/dev/shm");
  folder.Write("/instances", moment.journal);
  const auto gpus = std::make_shared<SimulatedGpus>(moment.machine);
  const auto backend = OpenAt(gpus, folder);
  ASSERT_NE(backend, nullptr);
  std::size_t foreign = 0;
  const std::vector<Device> devices = backend->List().value();
  for (const Device& device : devices) {
    for (std::size_t i = 0; i < device.gpu->gpu.instances.size(); ++i) {
      const GpuInstance& instance = device.gpu->gpu.instances[i];
      ASSERT_EQ(instance.compute.size(), 1U) << "half made or half gone";
      if (!device.gpu->holders[i].ours) ++foreign;
    }
  }
  ASSERT_EQ(foreign, 1U);
  // What was adopted goes where it is in the way: all that is left to others is free.
  std::vector<Partition> all;
  for (auto next = backend->Acquire({"4g.20gb"}); next.ok(); next = backend->Acquire({"4g.20gb"})) {
    all.push_back(next.value());
  }
  ASSERT_EQ(all.size(), 2U);
  for (const Partition& one : all) ASSERT_TRUE(backend->Release(one).ok());
  // Nothing of the two GPUs is taken but by the foreign one, and what is idle can be given up.
  ASSERT_TRUE(backend->Acquire({"7g.40gb"}).ok());
  const Device first = backend->List().value().at(0);
  for (std::size_t i = 0; i < first.gpu->holders.size(); ++i) {
    const GpuInstance& one = first.gpu->gpu.instances[i];
    const std::string& profile =
        first.gpu->gpu.model.profiles[static_cast<std::size_t>(one.profile)].name;
    if (!first.gpu->holders[i].ours) continue;
    ASSERT_TRUE(backend->RemoveIdle({profile, first.id, one.start}).ok());
  }
  ASSERT_EQ(gpus->machine().gpus[0].instances.size(), 1U);
  ASSERT_EQ(gpus->machine().gpus[0].instances[0].id, 5);
}

TEST(GpuCrash, LeavesWhatIsAdoptedOrRemovedAtEveryPoint) {
  const TestFolder folder("/dev/shm");
  const auto gpus = std::make_shared<SimulatedGpus>(TestGpus());
  MakeForeign(*gpus);
  const auto backend = OpenAt(gpus, folder);
  std::vector<Moment> moments;
  gpus->observer = [&] {
    moments.push_back({gpus->machine(), ReadText(folder.path() / "instances")});
  };
  const Partition first = backend->Acquire({"3g.20gb", std::nullopt, 0}).value();
  const Partition second = backend->Acquire({"1g.10gb"}).value();
  ASSERT_TRUE(backend->Scrub(first).ok());
  ASSERT_TRUE(backend->Release(first).ok());
  const Partition third = backend->Acquire({"1g.5gb"}).value();
  const PartitionRequest idle{"1g.10gb", gpus->machine().gpus[1].uuid, 6};
  ASSERT_TRUE(backend->MakeIdle(idle).ok());
  ASSERT_TRUE(backend->RemoveIdle(idle).ok());
  ASSERT_TRUE(backend->Release(second).ok());
  ASSERT_TRUE(backend->Release(third).ok());
  ASSERT_GT(moments.size(), 40U);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_NO_FATAL_FAILURE(ExpectRecovered(moments[i]));
  }
  // The same with the last line torn, as if it had been written at that moment: what it announces
  // had not begun.
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const std::string& before = moments[i - 1].journal;
    const std::string& after = moments[i].journal;
    if (after.size() <= before.size() || !after.starts_with(before)) continue;
    for (std::size_t bytes = before.size(); bytes < after.size(); bytes += 7) {
      SCOPED_TRACE(bytes);
      ASSERT_NO_FATAL_FAILURE(ExpectRecovered({moments[i - 1].machine, after.substr(0, bytes)}));
    }
  }
}

TEST(GpuCrash, GivesAnAdoptedInstanceToWhoAsksForItsLike) {
  const TestFolder folder("/dev/shm");
  const auto gpus = std::make_shared<SimulatedGpus>(TestGpus());
  const Partition before = OpenAt(gpus, folder)->Acquire({"2g.10gb"}).value();
  const auto backend = OpenAt(gpus, folder);
  const Device device = backend->List().value().at(0);
  EXPECT_TRUE(device.gpu->holders.at(0).ours);
  EXPECT_EQ(device.gpu->holders.at(0).partition_id, "");
  EXPECT_EQ(device.memory_free_bytes, device.memory_total_bytes);
  EXPECT_EQ(backend->Release(before).error().code, Code::kNotFound);
  const std::size_t calls = gpus->calls().size();
  const Partition after = backend->Acquire({"2g.10gb"}).value();
  EXPECT_EQ(after.instance, before.instance);
  for (std::size_t i = calls; i < gpus->calls().size(); ++i) {
    EXPECT_FALSE(gpus->calls()[i].starts_with("Create")) << gpus->calls()[i];
  }
  ASSERT_TRUE(backend->Release(after).ok());
  EXPECT_TRUE(gpus->machine().gpus[0].instances.empty());
}

TEST(GpuCrash, DoesNotAdoptWhatStillRuns) {
  const TestFolder folder("/dev/shm");
  const auto gpus = std::make_shared<SimulatedGpus>(TestGpus());
  const Partition before = OpenAt(gpus, folder)->Acquire({"1g.5gb"}).value();
  gpus->machine().processes.push_back({9, before.device_id, before.instance});
  const auto backend = OpenAt(gpus, folder);
  const Partition other = backend->Acquire({"1g.5gb", before.device_id}).value();
  EXPECT_NE(other.instance, before.instance);
  EXPECT_EQ(backend->Acquire({"1g.5gb", before.device_id, 0}).error().code, Code::kExhausted);
}

TEST(GpuCrash, OwnsNothingAfterTheMachineStartedAgain) {
  const TestFolder folder("/dev/shm");
  const auto gpus = std::make_shared<SimulatedGpus>(TestGpus());
  (void)OpenAt(gpus, folder)->Acquire({"1g.5gb"}).value();
  // Another tool made the same again, with the same numbers.
  const auto backend = OpenAt(gpus, folder, "boot-2");
  EXPECT_FALSE(backend->List().value().at(0).gpu->holders.at(0).ours);
}

TEST(GpuCrash, DoesNotTakeAnotherInstanceOfTheSameNumberForItsOwn) {
  const TestFolder folder("/dev/shm");
  const auto gpus = std::make_shared<SimulatedGpus>(TestGpus());
  const Partition ours = OpenAt(gpus, folder)->Acquire({"4g.20gb"}).value();
  GpuInstance& instance = gpus->machine().gpus[0].instances.at(0);
  ASSERT_EQ(instance.id, ours.instance->gpu_instance);
  instance.profile = mig::FindProfile(A100(), "3g.20gb");
  const auto backend = OpenAt(gpus, folder);
  EXPECT_FALSE(backend->List().value().at(0).gpu->holders.at(0).ours);
  EXPECT_EQ(backend->Acquire({"7g.40gb", ours.device_id}).error().code, Code::kExhausted);
}

// One short life of a node on the machine, in which calls fail and which may end at any point.
void Live(uint64_t seed, const std::shared_ptr<SimulatedGpus>& gpus, const TestFolder& folder) {
  std::mt19937_64 random(seed);
  const auto backend = OpenAt(gpus, folder);
  ASSERT_NE(backend, nullptr);
  const std::vector<std::string> profiles = {"1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "gpu"};
  std::vector<Partition> held;
  for (int step = 0; step < 6; ++step) {
    if (random() % 3 == 0) {
      const auto when =
          random() % 2 == 0 ? SimulatedGpus::When::kBefore : SimulatedGpus::When::kAfter;
      gpus->FailCall(static_cast<int>(random() % 8), OperatorError(Code::kUnavailable, "lost"),
                     when);
    }
    if (!held.empty() && random() % 2 == 0) {
      if (backend->Release(held.back()).ok()) held.pop_back();
      continue;
    }
    auto partition = backend->Acquire({profiles[random() % profiles.size()]});
    if (partition.ok()) held.push_back(std::move(partition).value());
  }
}

TEST(GpuCrash, LeaksNothingInTenThousandHistories) {
  const TestFolder folder("/dev/shm");
  auto gpus =
      std::make_shared<SimulatedGpus>(SimulatedMachine{{MakeSimulatedGpu(A100(), 0)}, {}, {}});
  MakeForeign(*gpus);
  const GpuInstance foreign = gpus->machine().gpus[0].instances.at(0);
  for (uint64_t seed = 1; seed <= 10'000; ++seed) {
    SCOPED_TRACE(seed);
    // A fresh driver without the failures that were not reached.
    gpus = std::make_shared<SimulatedGpus>(gpus->machine());
    ASSERT_NO_FATAL_FAILURE(Live(seed, gpus, folder));
    const auto& there = gpus->machine().gpus[0].instances;
    ASSERT_EQ(std::ranges::count(there, foreign), 1);
    if (seed % 100 != 0) continue;
    // In the end everything can be had again.
    gpus = std::make_shared<SimulatedGpus>(gpus->machine());
    const auto backend = OpenAt(gpus, folder);
    const auto half = backend->Acquire({"4g.20gb"});
    ASSERT_TRUE(half.ok()) << half.error().detail;
    ASSERT_EQ(backend->Acquire({"1g.10gb", std::nullopt, 4}).error().code, Code::kExhausted);
    ASSERT_TRUE(backend->Acquire({"1g.10gb", std::nullopt, 6}).ok());
    ASSERT_EQ(gpus->machine().gpus[0].instances.size(), 3U);
  }
}

}  // namespace
}  // namespace bulkhead::device
