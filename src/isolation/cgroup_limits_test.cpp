// SPDX-License-Identifier: Apache-2.0
// What is written to a group's files, on plain files; that it is enforced: cgroup_kernel_test.
#include <cerrno>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "isolation/cgroup.h"
#include "isolation/cgroup_v1.h"
#include "isolation/cgroup_v2.h"
#include "isolation/test_cgroup_tree.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;
using base::Code;
using testing::HasSubstr;

const CgroupLimits kLimits{.cpus = {3, 2}, .memory_bytes = 1 << 20, .processes = 9};

TEST(LimitVersion2, ForbidsSwapAndEndsTheGroupAsAWhole) {
  const RecordedTree tree;
  for (const char* file : {"/g/memory.max", "/g/memory.swap.max", "/g/memory.oom.group"}) {
    tree.Write(file, "");
  }
  ASSERT_TRUE(LimitVersion2(Layer::kCgroupMemory, tree.At("/g"), kLimits).ok());
  EXPECT_EQ(tree.Read("/g/memory.max"), "1048576");
  EXPECT_EQ(tree.Read("/g/memory.swap.max"), "0");
  EXPECT_EQ(tree.Read("/g/memory.oom.group"), "1");
}

TEST(LimitVersion2, BoundsProcesses) {
  const RecordedTree tree;
  tree.Write("/g/pids.max", "max\n");
  ASSERT_TRUE(LimitVersion2(Layer::kCgroupPids, tree.At("/g"), kLimits).ok());
  EXPECT_EQ(tree.Read("/g/pids.max"), "9");
}

TEST(LimitVersion2, FindsALimitThatTheKernelDoesNotKeep) {
  const RecordedTree tree;
  fs::create_directories(tree.At("/g"));
  fs::create_symlink("/dev/null", tree.At("/g/pids.max"));  // takes all and keeps nothing
  const auto limited = LimitVersion2(Layer::kCgroupPids, tree.At("/g"), kLimits);
  ASSERT_FALSE(limited.ok());
  EXPECT_THAT(limited.error().detail, HasSubstr("pids.max: wrote \"9\", but it reads \"\""));
}

TEST(LimitVersion2, FindsCoresThatAreNotGiven) {
  const RecordedTree tree;
  tree.Write("/g/cpuset.cpus", "");
  tree.Write("/g/cpuset.cpus.effective", "2-3\n");
  EXPECT_TRUE(LimitVersion2(Layer::kCgroupCpus, tree.At("/g"), kLimits).ok());
  EXPECT_EQ(tree.Read("/g/cpuset.cpus"), "2-3");
  tree.Write("/g/cpuset.cpus.effective", "2\n");
  const auto limited = LimitVersion2(Layer::kCgroupCpus, tree.At("/g"), kLimits);
  ASSERT_FALSE(limited.ok());
  EXPECT_THAT(limited.error().detail, HasSubstr("wanted \"2-3\", got \"2\""));
}

TEST(LimitVersion1, CountsSwapWhereTheKernelDoes) {
  const RecordedTree tree;
  for (const char* file :
       {"/g/memory.limit_in_bytes", "/g/memory.memsw.limit_in_bytes", "/g/memory.swappiness"}) {
    tree.Write(file, "");
  }
  ASSERT_TRUE(LimitVersion1(Layer::kCgroupMemory, tree.At("/g"), kLimits).ok());
  EXPECT_EQ(tree.Read("/g/memory.limit_in_bytes"), "1048576");
  EXPECT_EQ(tree.Read("/g/memory.memsw.limit_in_bytes"), "1048576");
  EXPECT_EQ(tree.Read("/g/memory.swappiness"), "0");
}

TEST(LimitVersion1, ForbidsToSwapWhereItIsNotCounted) {
  const RecordedTree tree;
  tree.Write("/g/memory.limit_in_bytes", "");
  tree.Write("/g/memory.swappiness", "60\n");
  ASSERT_TRUE(LimitVersion1(Layer::kCgroupMemory, tree.At("/g"), kLimits).ok());
  EXPECT_EQ(tree.Read("/g/memory.swappiness"), "0");
}

TEST(LimitVersion1, GivesACpusetTheMemoryNodesOfItsParent) {
  const RecordedTree tree;
  tree.Write("/cpuset.mems", "0-1\n");
  tree.Write("/g/cpuset.mems", "\n");
  tree.Write("/g/cpuset.cpus", "\n");
  ASSERT_TRUE(LimitVersion1(Layer::kCgroupCpus, tree.At("/g"), kLimits).ok());
  EXPECT_EQ(tree.Read("/g/cpuset.mems"), "0-1");
  EXPECT_EQ(tree.Read("/g/cpuset.cpus"), "2-3");
}

TEST(OutOfMemoryKills, ReadsTheCountOfEachVersion) {
  const RecordedTree tree;
  tree.Write("/1/g/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  tree.Write("/2/g/memory.events", "low 0\nmax 8\noom 2\noom_kill 5\noom_group_kill 1\n");
  tree.Write("/3/g/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n");
  const auto kills = [&](int version, const std::string& parent) {
    Cgroup cgroup;
    cgroup.name = "g";
    cgroup.controllers = {{Layer::kCgroupMemory, version, tree.At(parent), ""}};
    return OutOfMemoryKills(cgroup);
  };
  EXPECT_EQ(kills(1, "/1"), 3);
  EXPECT_EQ(kills(2, "/2"), 5);
  EXPECT_EQ(kills(1, "/3"), 0);
}

class EnterRecordedCgroup : public testing::Test {
 protected:
  EnterRecordedCgroup() {
    for (const char* file : {"/m/g/tasks", "/pc/g/tasks", "/2/g/cgroup.procs"}) {
      tree_.Write(file, "");
    }
    cgroup_.name = "g";
    cgroup_.controllers = {{Layer::kCgroupMemory, 1, tree_.At("/m"), ""}};
  }
  void Add(Layer layer, int version, const std::string& parent) {
    cgroup_.controllers.push_back({layer, version, tree_.At(parent), ""});
  }

  RecordedTree tree_;
  Cgroup cgroup_;
};

TEST_F(EnterRecordedCgroup, GoesOnceIntoEveryHierarchyThroughTheFileOfItsVersion) {
  Add(Layer::kCgroupPids, 1, "/pc");
  Add(Layer::kCgroupCpus, 1, "/pc");
  Add(Layer::kCgroupCpus, 2, "/2");
  const auto entrances = OpenEntrances(cgroup_);
  ASSERT_TRUE(entrances.ok()) << entrances.error().detail;
  uint32_t index = 9;
  ASSERT_EQ(EnterCgroup(entrances.value(), index), 0);
  EXPECT_EQ(index, 3U);
  for (const char* file : {"/m/g/tasks", "/pc/g/tasks", "/2/g/cgroup.procs"}) {
    EXPECT_EQ(tree_.Read(file), "0") << file;
  }
}

TEST_F(EnterRecordedCgroup, TellsWhichHierarchyRefused) {
  fs::create_directories(tree_.At("/full/g"));
  fs::create_symlink("/dev/full", tree_.At("/full/g/tasks"));
  Add(Layer::kCgroupPids, 1, "/full");
  const auto entrances = OpenEntrances(cgroup_);
  ASSERT_TRUE(entrances.ok()) << entrances.error().detail;
  uint32_t index = 9;
  EXPECT_EQ(EnterCgroup(entrances.value(), index), ENOSPC);
  EXPECT_EQ(index, 1U);
}

TEST_F(EnterRecordedCgroup, NamesAnEntranceThatCannotBeOpened) {
  Add(Layer::kCgroupPids, 2, "/m");
  const auto entrances = OpenEntrances(cgroup_);
  ASSERT_FALSE(entrances.ok());
  EXPECT_THAT(entrances.error().detail, HasSubstr("/m/g/cgroup.procs: No such file"));
}

class MakeInRecordedTree : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(tree_.At("/o"));
    found_.controllers = {{Layer::kCgroupMemory, 2, tree_.At("/o"), ""},
                          {Layer::kCgroupPids, 2, tree_.At("/o"), ""},
                          {Layer::kCgroupCpus, 2, "", "no cores to be had: ask for some"}};
  }

  RecordedTree tree_;
  CgroupTree found_;
};

// A new folder has no files here, so that no limit can be written.
TEST_F(MakeInRecordedTree, RemovesWhatItMadeWhenALimitCannotBeWritten) {
  const auto cgroup = MakeCgroup(found_, "g", kLimits, {});
  ASSERT_FALSE(cgroup.ok());
  EXPECT_EQ(cgroup.error().code, Code::kUnavailable);
  EXPECT_THAT(cgroup.error().detail, HasSubstr("/o/g/memory.max: No such file"));
  EXPECT_TRUE(fs::is_empty(tree_.At("/o")));
}

TEST_F(MakeInRecordedTree, MakesNoGroupWhenNoLayerIsLeft) {
  const auto cgroup = MakeCgroup(found_, "g", kLimits,
                                 {Layer::kCgroupMemory, Layer::kCgroupPids, Layer::kCgroupCpus});
  ASSERT_TRUE(cgroup.ok());
  EXPECT_TRUE(cgroup.value().layers.empty());
  EXPECT_TRUE(fs::is_empty(tree_.At("/o")));
}

TEST_F(MakeInRecordedTree, PassesOnWhyARequiredControllerIsMissing) {
  const auto cgroup = MakeCgroup(found_, "g", kLimits, {Layer::kCgroupMemory, Layer::kCgroupPids});
  ASSERT_FALSE(cgroup.ok());
  EXPECT_EQ(cgroup.error().detail, "no cores to be had: ask for some");
}

TEST_F(MakeInRecordedTree, KeepsAGroupOfThatNameEvenWhereAllIsOptional) {
  fs::create_directories(tree_.At("/o/g"));
  const auto cgroup = MakeCgroup(found_, "g", kLimits,
                                 {Layer::kCgroupMemory, Layer::kCgroupPids, Layer::kCgroupCpus});
  ASSERT_FALSE(cgroup.ok());
  EXPECT_EQ(cgroup.error().code, Code::kConflict);
  EXPECT_TRUE(fs::exists(tree_.At("/o/g")));
}

TEST_F(MakeInRecordedTree, RefusesNamesAndLimitsThatMakeNoSense) {
  for (const char* name : {"", "..", "../x", "A", "a/b"}) {
    EXPECT_EQ(MakeCgroup(found_, name, kLimits, {}).error().code, Code::kInvalid) << name;
  }
  for (const CgroupLimits& limits :
       {CgroupLimits{{}, 1 << 20, 9}, CgroupLimits{{0}, 12, 9}, CgroupLimits{{0}, 1 << 20, 0},
        CgroupLimits{{-1}, 1 << 20, 9}}) {
    EXPECT_EQ(MakeCgroup(found_, "g", limits, {}).error().code, Code::kInvalid);
  }
}

}  // namespace
}  // namespace bulkhead::isolation
