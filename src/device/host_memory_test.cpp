// SPDX-License-Identifier: Apache-2.0
#include "device/host_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_machine.h"

namespace bulkhead::device {
namespace {

constexpr int64_t kGibibyte = int64_t{1} << 30;

TEST(HostMemory, IsTheMachinesOwnWhereNothingLimitsIt) {
  const TestFolder folder;
  WriteMachine(TwoCoreVm(), folder);
  const auto memory = ReadHostMemory(folder.path());
  ASSERT_TRUE(memory.ok()) << memory.error().detail;
  EXPECT_EQ(memory.value().total_bytes, 8 * kGibibyte);
  EXPECT_EQ(memory.value().available_bytes, 7 * kGibibyte);
}

TEST(HostMemory, CountsCachesThatAContainerCanDropAsAvailable) {
  const TestFolder folder;
  WriteContainer(folder);
  const auto memory = ReadHostMemory(folder.path());
  ASSERT_TRUE(memory.ok()) << memory.error().detail;
  EXPECT_EQ(memory.value().total_bytes, 8 * kGibibyte);
  EXPECT_EQ(memory.value().available_bytes, 5 * kGibibyte);
}

TEST(HostMemory, NeverExceedsWhatTheMachineHasLeft) {
  const TestFolder folder;
  WriteContainer(folder);
  folder.Write("/proc/meminfo", "MemTotal: 67108864 kB\nMemAvailable: 1048576 kB\n");
  EXPECT_EQ(ReadHostMemory(folder.path()).value().available_bytes, kGibibyte);
}

TEST(HostMemory, IsLimitedByGroupsAboveOurs) {
  const TestFolder folder;
  WriteContainer(folder);
  const std::string group = "/sys/fs/cgroup/system.slice";
  folder.Remove("/sys/fs/cgroup/memory.max");
  folder.Write("/proc/self/cgroup", "0::/system.slice/node.service\n");
  folder.Write(group + "/memory.max", "2147483648\n");
  folder.Write(group + "/memory.current", "1073741824\n");
  folder.Write(group + "/memory.stat", "inactive_file 0\n");
  folder.Write(group + "/node.service/memory.max", "max\n");
  const auto memory = ReadHostMemory(folder.path());
  ASSERT_TRUE(memory.ok()) << memory.error().detail;
  EXPECT_EQ(memory.value().total_bytes, 2 * kGibibyte);
  EXPECT_EQ(memory.value().available_bytes, kGibibyte);
}

// Version 1 in a container that shares the host's cgroup namespace: the mount begins at our group.
void WriteVersion1(const TestFolder& folder, const std::string& limit, const std::string& group) {
  WriteMachine(TwoSocketServer(), folder);
  const std::string mount = "/sys/fs/cgroup/memory";
  folder.Write("/proc/self/cgroup", "4:cpu,cpuacct:/other\n3:memory:" + group + "\n0::/\n");
  folder.Write("/proc/self/mountinfo",
               "36 31 0:32 /box/a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
               "37 31 0:33 /box/a /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
  folder.Write(mount + "/memory.limit_in_bytes", limit);
  folder.Write(mount + "/memory.usage_in_bytes", "3221225472\n");
  folder.Write(mount + "/memory.stat", "inactive_file 0\ntotal_inactive_file 1073741824\n");
}

TEST(HostMemory, ReadsVersion1BelowAMountThatBeginsInsideTheTree) {
  for (const char* group : {"/box/a", "/box/a/below", "/elsewhere", "/box/ab", "/../up"}) {
    const TestFolder folder;
    WriteVersion1(folder, "4294967296\n", group);
    folder.Write("/sys/fs/cgroup/memory.limit_in_bytes", "1\n");  // beside the mount: not ours
    const auto memory = ReadHostMemory(folder.path());
    ASSERT_TRUE(memory.ok()) << memory.error().detail;
    EXPECT_EQ(memory.value().total_bytes, 4 * kGibibyte) << group;
    EXPECT_EQ(memory.value().available_bytes, 2 * kGibibyte) << group;
  }
}

TEST(HostMemory, TakesVersion1sLargestNumberForNoLimit) {
  const TestFolder folder;
  WriteVersion1(folder, "9223372036854771712\n", "/box/a");
  EXPECT_EQ(ReadHostMemory(folder.path()).value().total_bytes, 64 * kGibibyte);
}

TEST(HostMemory, RefusesFilesThatSayWhatCannotBe) {
  const std::pair<const char*, const char*> changes[] = {
      {"/proc/meminfo", "MemTotal: 8 kB\n"},
      {"/proc/meminfo", "MemTotal: 9223372036854775807 kB\nMemAvailable: 1 kB\n"},
      {"/sys/fs/cgroup/memory.max", "many\n"},
      {"/sys/fs/cgroup/memory.current", "-1\n"},
      {"/sys/fs/cgroup/memory.stat", "anon 1\n"}};
  for (const auto& [file, text] : changes) {
    const TestFolder folder;
    WriteContainer(folder);
    folder.Write(file, text);
    const auto memory = ReadHostMemory(folder.path());
    ASSERT_FALSE(memory.ok()) << file << ": " << text;
    EXPECT_EQ(memory.error().code, base::Code::kUnavailable);
  }
}

}  // namespace
}  // namespace bulkhead::device
