// SPDX-License-Identifier: Apache-2.0
#include "device/cpu_topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include "device/test_machine.h"

namespace bulkhead::device {
namespace {

using base::Code;
using testing::ElementsAre;

TEST(CpuTopology, FindsTheCoresOfAVirtualMachine) {
  const TestFolder folder;
  WriteMachine(TwoCoreVm(), folder);
  const auto topology = ReadCpuTopology(folder.path());
  ASSERT_TRUE(topology.ok()) << topology.error().detail;
  EXPECT_THAT(topology.value().cores, ElementsAre(Core{{0}}, Core{{1}}));
  EXPECT_TRUE(topology.value().split_cpus.empty());
}

TEST(CpuTopology, PutsHardwareThreadsOfOneCoreTogether) {
  const TestFolder folder;
  WriteMachine(TwoSocketServer(), folder);
  const auto topology = ReadCpuTopology(folder.path());
  ASSERT_TRUE(topology.ok()) << topology.error().detail;
  ASSERT_EQ(topology.value().cores.size(), 8U);
  EXPECT_EQ(topology.value().cores[0], (Core{{0, 8}, 0}));
  EXPECT_EQ(topology.value().cores[7], (Core{{7, 15}, 1}));
}

TEST(CpuTopology, TellsTheKindsOfAHybridProcessor) {
  const TestFolder folder;
  WriteMachine(HybridLaptop(), folder);
  const auto topology = ReadCpuTopology(folder.path());
  ASSERT_TRUE(topology.ok()) << topology.error().detail;
  ASSERT_EQ(topology.value().cores.size(), 6U);
  EXPECT_EQ(topology.value().cores[1], (Core{{2, 3}, 0, false}));
  EXPECT_EQ(topology.value().cores[2], (Core{{4}, 0, true}));
}

TEST(CpuTopology, LeavesOutACoreOfWhichOnlyAPartIsOurs) {
  const TestFolder folder;
  WriteContainer(folder);
  const auto topology = ReadCpuTopology(folder.path());
  ASSERT_TRUE(topology.ok()) << topology.error().detail;
  EXPECT_THAT(topology.value().cores, ElementsAre(Core{{1, 9}}, Core{{2, 10}}));
  EXPECT_THAT(topology.value().split_cpus, ElementsAre(3));
}

TEST(CpuTopology, TakesAMachineWithoutNumaForOneNode) {
  const TestFolder folder;
  TestMachine machine = TwoCoreVm();
  machine.numa = false;
  WriteMachine(machine, folder);
  EXPECT_THAT(ReadCpuTopology(folder.path()).value().cores, ElementsAre(Core{{0}}, Core{{1}}));
}

TEST(CpuTopology, ReadsTheOlderNameOfTheSiblingList) {
  const TestFolder folder;
  WriteMachine(TwoCoreVm(), folder);
  const std::string topology = "/sys/devices/system/cpu/cpu0/topology/";
  folder.Remove(topology + "core_cpus_list");
  folder.Write(topology + "thread_siblings_list", "0\n");
  EXPECT_EQ(ReadCpuTopology(folder.path()).value().cores.size(), 2U);
}

TEST(CpuTopology, IgnoresAllowedCpusThatAreOffline) {
  const TestFolder folder;
  TestMachine machine = TwoCoreVm();
  machine.allowed = "0-127";
  WriteMachine(machine, folder);
  EXPECT_EQ(ReadCpuTopology(folder.path()).value().cores.size(), 2U);
}

TEST(CpuTopology, RefusesToGuessWhichCpusShareACore) {
  const std::string cpu1 = "/sys/devices/system/cpu/cpu1/topology/core_cpus_list";
  const TestFolder folder;
  WriteMachine(TwoCoreVm(), folder);
  for (const char* siblings : {"0\n", "0-1\n", "x\n", "\n"}) {
    folder.Write(cpu1, siblings);
    const auto topology = ReadCpuTopology(folder.path());
    ASSERT_FALSE(topology.ok()) << siblings;
    EXPECT_EQ(topology.error().code, Code::kUnavailable) << siblings;
  }
  folder.Remove(cpu1);
  const auto topology = ReadCpuTopology(folder.path());
  ASSERT_FALSE(topology.ok());
  EXPECT_THAT(topology.error().detail, testing::HasSubstr("cpu1/topology"));
}

TEST(CpuTopology, NeedsEveryFileThatAMachineHas) {
  for (const char* file : {"/proc/self/status", "/sys/devices/system/cpu/online",
                           "/sys/devices/system/node/node0/cpulist"}) {
    const TestFolder folder;
    WriteMachine(TwoCoreVm(), folder);
    folder.Remove(file);
    EXPECT_FALSE(ReadCpuTopology(folder.path()).ok()) << file;
  }
}

TEST(CpuTopology, OfThisMachineHoldsExactlyTheCpusOfOurAffinityMask) {
  const auto topology = ReadCpuTopology("");
  if (!topology.ok()) GTEST_SKIP() << "this machine hides its cores: " << topology.error().detail;
  std::vector<int> found = topology.value().split_cpus;
  for (const Core& core : topology.value().cores) {
    found.insert(found.end(), core.cpus.begin(), core.cpus.end());
  }
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof(mask), &mask) != 0) GTEST_SKIP() << "more than 1024 CPUs";
  std::vector<int> expected;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &mask)) expected.push_back(cpu);
  }
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace bulkhead::device
