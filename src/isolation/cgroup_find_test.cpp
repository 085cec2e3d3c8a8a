// SPDX-License-Identifier: Apache-2.0
// FindCgroups and MakeCgroup on recorded hierarchies. Plain files keep what was written and nothing
// else: that a process moves, that new groups have files and that a controller is really handed
// down is shown by cgroup_kernel_test. Files that the kernel would make are there beforehand.
#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "isolation/cgroup.h"
#include "isolation/test_cgroup_tree.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;
using base::Code;
using testing::HasSubstr;

constexpr const char* kMount2 = "29 23 0:26 / /cg rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
constexpr const char* kOwn = "/cg/user.slice/app.slice/b.scope";

class FindInRecordedTree : public testing::Test {
 protected:
  // A machine with version 2 alone, this process in a unit that is given `controllers`.
  void RecordVersion2(const std::string& controllers) {
    tree_.Write("/proc/self/mountinfo", kMount2);
    tree_.Write("/proc/self/cgroup", "0::/user.slice/app.slice/b.scope\n");
    tree_.Write("/proc/swaps", "Filename Type Size Used Priority\n");
    tree_.Write("/cg/cgroup.controllers", "cpuset cpu io memory pids\n");
    tree_.Write("/cg/user.slice/cgroup.controllers", "memory pids\n");
    tree_.Write("/cg/user.slice/app.slice/cgroup.controllers", "memory pids\n");
    tree_.Write(kOwn + std::string("/cgroup.controllers"), controllers);
    tree_.Write(kOwn + std::string("/cgroup.type"), "domain\n");
    tree_.Write(kOwn + std::string("/cgroup.subtree_control"), "");
    tree_.Write(kOwn + std::string("/cgroup.procs"), std::to_string(::getpid()) + "\n");
    tree_.Write(kOwn + std::string("/bulkhead_self/cgroup.procs"), "");
    tree_.Write(kOwn + std::string("/bulkhead-me/cgroup.controllers"), controllers);
    tree_.Write(kOwn + std::string("/bulkhead-me/cgroup.subtree_control"), "");
    tree_.Write(kOwn + std::string("/bulkhead-me/memory.swap.max"), "max\n");
  }

  CgroupController Find(Layer layer) {
    const auto found = FindCgroups(tree_.root(), "me");
    EXPECT_TRUE(found.ok()) << found.error().detail;
    if (!found.ok()) return {};
    const auto& all = found.value().controllers;
    EXPECT_EQ(all.size(), 3U);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                               [](const auto& a, const auto& b) { return a.layer < b.layer; }));
    for (const CgroupController& controller : found.value().controllers) {
      EXPECT_EQ(controller.parent.empty(), !controller.reason.empty());
      EXPECT_EQ(controller.reason.find('\n'), std::string::npos);
      if (controller.layer == layer) return controller;
    }
    return {};
  }

  RecordedTree tree_;
};

TEST_F(FindInRecordedTree, HandsDownWhatADelegatedUnitIsGiven) {
  RecordVersion2("memory pids\n");
  EXPECT_EQ(Find(Layer::kCgroupMemory).parent, tree_.At(kOwn + std::string("/bulkhead-me")));
  EXPECT_EQ(tree_.Read(kOwn + std::string("/bulkhead_self/cgroup.procs")),
            std::to_string(::getpid()));
  EXPECT_EQ(tree_.Read(kOwn + std::string("/cgroup.subtree_control")), "+memory +pids");
  EXPECT_EQ(tree_.Read(kOwn + std::string("/bulkhead-me/cgroup.subtree_control")), "+memory +pids");
}

TEST_F(FindInRecordedTree, SaysHowToDelegateAControllerThatTheUnitLacks) {
  RecordVersion2("memory pids\n");
  const auto cpus = Find(Layer::kCgroupCpus);
  EXPECT_EQ(cpus.parent, "");
  EXPECT_THAT(cpus.reason, HasSubstr("b.scope is not given the cpuset controller"));
  EXPECT_THAT(cpus.reason, HasSubstr("Delegate="));
}

TEST_F(FindInRecordedTree, SaysThatTheKernelDoesNotOfferAController) {
  RecordVersion2("pids\n");
  tree_.Write("/cg/cgroup.controllers", "cpuset cpu io pids\n");
  EXPECT_THAT(Find(Layer::kCgroupMemory).reason, HasSubstr("cgroup_enable=memory"));
}

TEST_F(FindInRecordedTree, UsesTheGroupAboveTheLeafThatItMadeBefore) {
  RecordVersion2("cpuset memory pids\n");
  tree_.Write("/proc/self/cgroup", "0::/user.slice/app.slice/b.scope/bulkhead_self\n");
  tree_.Write(kOwn + std::string("/cgroup.subtree_control"), "cpuset memory pids\n");
  tree_.Write(kOwn + std::string("/cgroup.procs"), "");
  EXPECT_EQ(Find(Layer::kCgroupCpus).parent, tree_.At(kOwn + std::string("/bulkhead-me")));
  EXPECT_EQ(tree_.Read(kOwn + std::string("/bulkhead_self/cgroup.procs")), "");
}

TEST_F(FindInRecordedTree, MovesNoProcessesOfOthers) {
  RecordVersion2("memory pids\n");
  tree_.Write(kOwn + std::string("/cgroup.procs"), "1\n" + std::to_string(::getpid()) + "\n");
  const auto memory = Find(Layer::kCgroupMemory);
  EXPECT_THAT(memory.reason, HasSubstr("holds other processes"));
  EXPECT_THAT(memory.reason, HasSubstr("systemd-run"));
  EXPECT_EQ(tree_.Read(kOwn + std::string("/bulkhead_self/cgroup.procs")), "");
  EXPECT_EQ(tree_.Read(kOwn + std::string("/cgroup.subtree_control")), "");
}

TEST_F(FindInRecordedTree, RefusesAThreadedGroup) {
  RecordVersion2("memory pids\n");
  tree_.Write(kOwn + std::string("/cgroup.type"), "domain threaded\n");
  EXPECT_THAT(Find(Layer::kCgroupPids).reason, HasSubstr("is of type \"domain threaded\""));
}

TEST_F(FindInRecordedTree, RefusesMemoryWhereSwapExistsAndIsNotCounted) {
  RecordVersion2("memory pids\n");
  fs::remove(tree_.At(kOwn + std::string("/bulkhead-me/memory.swap.max")));
  EXPECT_NE(Find(Layer::kCgroupMemory).parent, "");
  tree_.Write("/proc/swaps", "Filename Type Size Used Priority\n/dev/vda2 partition 1 0 -2\n");
  EXPECT_THAT(Find(Layer::kCgroupMemory).reason, HasSubstr("swapaccount=1"));
  EXPECT_NE(Find(Layer::kCgroupPids).parent, "");
}

TEST_F(FindInRecordedTree, WritesNothingToAReadOnlyMount) {
  RecordVersion2("memory pids\n");
  tree_.Write("/proc/self/mountinfo", "29 23 0:26 / /cg ro,nosuid - cgroup2 cgroup rw\n");
  EXPECT_THAT(Find(Layer::kCgroupMemory).reason, HasSubstr("read-only"));
  EXPECT_EQ(tree_.Read(kOwn + std::string("/cgroup.subtree_control")), "");
}

TEST_F(FindInRecordedTree, LetsAnOrdinaryUserKnowWhatToDo) {
  RecordVersion2("memory pids\n");
  fs::remove_all(tree_.At(kOwn + std::string("/bulkhead_self")));
  fs::permissions(tree_.At(kOwn),
                  fs::perms::all &
                      ~(fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write));
  const bool root = ::geteuid() == 0;  // who could write all the same
  constexpr uid_t kNobody = 65534;
  if (root) {
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const auto memory = Find(Layer::kCgroupMemory);
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(tree_.At(kOwn), fs::perms::owner_all);
  EXPECT_THAT(memory.reason, HasSubstr("bulkhead_self: Permission denied"));
  EXPECT_THAT(memory.reason, HasSubstr("--user"));
}

TEST_F(FindInRecordedTree, InheritsCoresAndMemoryNodesOnVersion1) {
  tree_.Write("/proc/self/mountinfo",
              "1 0 0:1 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n"
              "2 0 0:2 /pod /cg/pids,memory rw - cgroup cgroup rw,pids,memory\n"
              "3 0 0:3 / /cg/unified rw - cgroup2 cgroup2 rw\n");
  tree_.Write("/proc/self/cgroup", "3:cpuset:/a\n2:pids,memory:/pod\n0::/\n");
  tree_.Write("/cg/cpuset/a/cpuset.cpus", "0-3\n");
  tree_.Write("/cg/cpuset/a/cpuset.mems", "0\n");
  tree_.Write("/cg/cpuset/a/bulkhead-me/cpuset.cpus", "\n");
  tree_.Write("/cg/cpuset/a/bulkhead-me/cpuset.mems", "\n");
  tree_.Write("/cg/pids,memory/cgroup.procs", "");
  EXPECT_EQ(Find(Layer::kCgroupCpus).parent, tree_.At("/cg/cpuset/a/bulkhead-me"));
  EXPECT_EQ(tree_.Read("/cg/cpuset/a/bulkhead-me/cpuset.cpus"), "0-3");
  EXPECT_EQ(tree_.Read("/cg/cpuset/a/bulkhead-me/cpuset.mems"), "0");
  EXPECT_EQ(Find(Layer::kCgroupMemory).parent, tree_.At("/cg/pids,memory/bulkhead-me"));
  EXPECT_EQ(Find(Layer::kCgroupMemory).version, 1);
}

TEST_F(FindInRecordedTree, NeedsAProperOwnerAndAReadableProc) {
  EXPECT_EQ(FindCgroups(tree_.root(), "me").error().code, Code::kUnavailable);
  for (const char* owner : {"", "..", "a/b", "Me", "a_b", "012345678901234567890123456789012"}) {
    EXPECT_EQ(FindCgroups(tree_.root(), owner).error().code, Code::kInvalid) << owner;
  }
}

}  // namespace
}  // namespace bulkhead::isolation
