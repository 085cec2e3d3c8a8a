// SPDX-License-Identifier: Apache-2.0
#include "isolation/cgroup_mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kAlone =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

CgroupPlace Locate(const char* mountinfo, const char* own, const char* controller) {
  return LocateController(ParseCgroupMounts(mountinfo), ParseCgroupMemberships(own), controller);
}

TEST(ParseCgroupMounts, TakesCgroupMountsOnlyWithTheirControllers) {
  const auto mounts = ParseCgroupMounts(kAlone);
  ASSERT_EQ(mounts.size(), 3U);
  EXPECT_EQ(mounts[0].version, 1);
  EXPECT_EQ(mounts[0].point, "/sys/fs/cgroup/cpuset");
  EXPECT_THAT(mounts[0].controllers, testing::Contains("cpuset"));
  EXPECT_FALSE(mounts[0].read_only);
  EXPECT_EQ(mounts[2].version, 2);
  EXPECT_EQ(mounts[2].root, "/");
}

TEST(ParseCgroupMounts, ReadsOptionalFieldsAndEscapes) {
  const auto mounts = ParseCgroupMounts(
      "30 24 0:26 /a\\040b /mnt/my\\040groups\\134x rw,nosuid shared:9 master:2 - cgroup2 c rw\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].root, "/a b");
  EXPECT_EQ(mounts[0].point, "/mnt/my groups\\x");
}

TEST(ParseCgroupMounts, SeesReadOnlyInEitherPlace) {
  EXPECT_TRUE(ParseCgroupMounts("1 2 0:3 / /c ro - cgroup2 c rw")[0].read_only);
  EXPECT_TRUE(ParseCgroupMounts("1 2 0:3 / /c rw - cgroup2 c ro,nsdelegate")[0].read_only);
  EXPECT_FALSE(ParseCgroupMounts("1 2 0:3 / /c rw,nosuid - cgroup2 c rw,root=x")[0].read_only);
}

TEST(ParseCgroupMounts, LeavesDamagedLinesOut) {
  EXPECT_THAT(ParseCgroupMounts(""), IsEmpty());
  EXPECT_THAT(ParseCgroupMounts("1 2 0:3 / /c rw - cgroup2 c"), IsEmpty());
  EXPECT_THAT(ParseCgroupMounts("1 2 0:3 / /c rw cgroup2 c rw"), IsEmpty());
  EXPECT_THAT(ParseCgroupMounts("1 2 -"), IsEmpty());
  EXPECT_EQ(ParseCgroupMounts("1 2 0:3 / /c\\04 rw - cgroup2 c rw")[0].point, "/c\\04");
}

TEST(ParseCgroupMemberships, KeepsColonsAndSpacesOfThePath) {
  const auto own = ParseCgroupMemberships("4:cpu,cpuacct:/a:b c\n0::/x\nbroken\n5:memory\n1:a:b\n");
  ASSERT_EQ(own.size(), 2U);
  EXPECT_THAT(own[0].controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_EQ(own[0].path, "/a:b c");
  EXPECT_THAT(own[1].controllers, IsEmpty());
  EXPECT_EQ(own[1].path, "/x");
}

TEST(LocateController, FindsEachVersion1HierarchyBesideAnEmptyVersion2) {
  constexpr const char* kOwn = "4:memory:/jobs/7\n3:cpuset:/\n0::/\n";
  const auto memory = Locate(kAlone, kOwn, "memory");
  EXPECT_EQ(memory.version, 1);
  EXPECT_EQ(memory.folder, "/sys/fs/cgroup/memory/jobs/7");
  EXPECT_EQ(memory.reason, "");
  EXPECT_EQ(Locate(kAlone, kOwn, "cpuset").folder, "/sys/fs/cgroup/cpuset");
  EXPECT_EQ(Locate(kAlone, kOwn, "pids").folder, "/sys/fs/cgroup/unified");
  EXPECT_EQ(Locate(kAlone, kOwn, "pids").version, 2);
}

TEST(LocateController, TakesNoVersion1MountForVersion2) {
  constexpr const char* kMounts =
      "1 2 0:3 / /two rw - cgroup2 c rw\n"
      "2 2 0:4 / /one rw - cgroup c rw,name=systemd\n";
  EXPECT_EQ(Locate(kMounts, "1:name=systemd:/a\n0::/a\n", "memory").folder, "/two/a");
}

TEST(LocateController, FindsControllersThatAreMountedTogether) {
  constexpr const char* kMounts = "1 2 0:3 / /c/pids,memory rw - cgroup cgroup rw,pids,memory\n";
  constexpr const char* kOwn = "7:pids,memory:/a\n";
  EXPECT_EQ(Locate(kMounts, kOwn, "memory").folder, "/c/pids,memory/a");
  EXPECT_EQ(Locate(kMounts, kOwn, "pids").folder, "/c/pids,memory/a");
}

TEST(LocateController, SaysThatAVersion1HierarchyIsNotMounted) {
  const auto place = Locate("1 2 0:3 / /c rw - cgroup2 c rw\n", "7:pids:/a\n0::/\n", "pids");
  EXPECT_EQ(place.folder, "");
  EXPECT_THAT(place.reason, HasSubstr("the pids controller is mounted here"));
  EXPECT_THAT(Locate("", "", "pids").reason, HasSubstr("mount cgroup2"));
}

TEST(LocateController, CountsFromTheRootOfTheMount) {
  constexpr const char* kMounts = "1 2 0:3 /docker/abc /c rw - cgroup c rw,memory\n";
  EXPECT_EQ(Locate(kMounts, "4:memory:/docker/abc\n", "memory").folder, "/c");
  EXPECT_EQ(Locate(kMounts, "4:memory:/docker/abc/x\n", "memory").folder, "/c/x");
  for (const char* outside : {"4:memory:/docker/abcd\n", "4:memory:/docker\n", "4:memory:/\n"}) {
    const auto place = Locate(kMounts, outside, "memory");
    EXPECT_EQ(place.folder, "") << outside;
    EXPECT_THAT(place.reason, HasSubstr("does not show")) << outside;
  }
}

TEST(LocateController, DoesNotLeaveTheMountThroughTheNamespaceRoot) {
  constexpr const char* kInside = "1 2 0:3 / /c rw - cgroup2 c rw\n";
  constexpr const char* kHost = "1 2 0:3 /.. /c rw - cgroup2 c rw\n";
  EXPECT_EQ(Locate(kInside, "0::/../other\n", "memory").folder, "");
  EXPECT_EQ(Locate(kHost, "0::/\n", "memory").folder, "");
  EXPECT_EQ(Locate(kHost, "0::/../other\n", "memory").folder, "/c/other");
}

TEST(LocateController, PrefersAMountThatCanBeWritten) {
  constexpr const char* kMounts =
      "1 2 0:3 / /first rw - cgroup2 c rw\n"
      "2 2 0:3 / /second rw - cgroup2 c rw\n"
      "3 2 0:3 / /third ro - cgroup2 c rw\n";
  EXPECT_EQ(Locate(kMounts, "0::/a\n", "memory").folder, "/second/a");
}

TEST(LocateController, SaysThatAMountIsReadOnly) {
  const auto place = Locate("1 2 0:3 / /c ro - cgroup2 c rw\n", "0::/\n", "memory");
  EXPECT_EQ(place.folder, "");
  EXPECT_THAT(place.reason, HasSubstr("/c is mounted read-only"));
}

}  // namespace
}  // namespace bulkhead::isolation
