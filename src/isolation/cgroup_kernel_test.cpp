// SPDX-License-Identifier: Apache-2.0
// What the kernel of this machine really enforces, on whichever version it has. Needs groups that
// may be written: root, or a delegated unit.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "isolation/cgroup.h"

namespace bulkhead::isolation {
namespace {

using base::Code;
using base::UniqueFd;

constexpr int64_t kMebibyte = int64_t{1} << 20;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe MakePipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void Send(int fd, char byte) { static_cast<void>(::write(fd, &byte, 1)); }

// The next byte, or -1 once every process that holds the other end has ended.
int Receive(int fd) {
  unsigned char byte = 0;
  return ::read(fd, &byte, 1) == 1 ? byte : -1;
}

// Runs `body` in a process that is in the group from its first step on; its value is the status.
template <typename Body>
pid_t StartIn(const Cgroup& cgroup, Body body) {
  const auto entrances = OpenEntrances(cgroup);
  EXPECT_TRUE(entrances.ok()) << entrances.error().detail;
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  uint32_t hierarchies = 0;
  // Some bodies are bombs: none goes off outside of a group.
  const bool in = entrances.ok() && cgroup.layers.Has(Layer::kCgroupPids) &&
                  EnterCgroup(entrances.value(), hierarchies) == 0;
  ::_exit(in ? body() : 100);
}

int EndOf(pid_t pid) {
  int status = -1;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

int TouchMemory(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 101;
  auto* const start = static_cast<volatile char*>(memory);
  for (std::size_t i = 0; i < bytes; i += 4096) start[i] = 1;
  return 0;
}

[[noreturn]] void ForkForEver(int report) {
  while (true) {
    if (::fork() == 0) Send(report, 'f');
  }
}

class KernelCgroup : public testing::Test {
 protected:
  void SetUp() override {
    auto tree = FindCgroups("", "test-" + std::to_string(::getpid()));
    ASSERT_TRUE(tree.ok()) << tree.error().detail;
    tree_ = std::move(tree).value();
    for (const CgroupController& controller : tree_.controllers) {
      if (controller.parent.empty()) missing_ += controller.reason + "\n";
    }
    if (!missing_.empty()) GTEST_SKIP() << missing_;
    cpu_set_t allowed;
    ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &allowed)) limits_.cpus = {static_cast<int>(cpu)};
    }
    limits_.memory_bytes = 64 * kMebibyte;
    limits_.processes = 32;
  }

  void TearDown() override {
    const auto swept = SweepCgroups(tree_);
    EXPECT_TRUE(swept.ok()) << swept.error().detail;
    const base::Status left = LeaveCgroups(tree_);
    EXPECT_TRUE(left.ok()) << left.error().detail;
    for (const CgroupController& controller : tree_.controllers) {
      if (controller.parent.empty()) continue;
      EXPECT_FALSE(std::filesystem::exists(controller.parent)) << controller.parent;
    }
  }

  Cgroup Make(const std::string& name = "a") {
    auto cgroup = MakeCgroup(tree_, name, limits_, {});
    EXPECT_TRUE(cgroup.ok()) << cgroup.error().detail;
    return cgroup.ok() ? std::move(cgroup).value() : Cgroup{};
  }

  [[nodiscard]] bool AnyGroup(const std::string& name) const {
    return std::any_of(tree_.controllers.begin(), tree_.controllers.end(),
                       [&](const CgroupController& controller) {
                         return std::filesystem::exists(controller.parent / name);
                       });
  }

  CgroupTree tree_;
  CgroupLimits limits_;
  std::string missing_;
};

TEST_F(KernelCgroup, KillsAndCountsAProcessOverItsMemory) {
  const Cgroup cgroup = Make();
  const int status = EndOf(StartIn(cgroup, [] { return TouchMemory(256 * kMebibyte); }));
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_GE(OutOfMemoryKills(cgroup), 1);
  EXPECT_TRUE(RemoveCgroup(cgroup).ok());
}

TEST_F(KernelCgroup, LeavesAProcessBelowItsMemoryAlone) {
  const Cgroup cgroup = Make();
  EXPECT_EQ(EndOf(StartIn(cgroup, [] { return TouchMemory(16 * kMebibyte); })), 0);
  EXPECT_EQ(OutOfMemoryKills(cgroup), 0);
}

TEST_F(KernelCgroup, TakesALimitThatIsNoWholePage) {
  limits_.memory_bytes = 64 * kMebibyte + 1;
  EXPECT_TRUE(Make().layers.Has(Layer::kCgroupMemory));
}

TEST_F(KernelCgroup, BoundsAForkBomb) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer adds a thread to each process, which counts as one more";
#endif
  limits_.processes = 8;
  const Cgroup cgroup = Make();
  Pipe report = MakePipe();
  const pid_t pid = StartIn(cgroup, [&] {
    char started = 1;
    pid_t child = 1;
    while (started < 100 && (child = ::fork()) > 0) ++started;
    if (child != 0) Send(report.write.get(), child < 0 && errno == EAGAIN ? started : '\0');
    while (true) ::pause();
    return 0;
  });
  report.write = UniqueFd();
  EXPECT_EQ(Receive(report.read.get()), 8);
  EXPECT_TRUE(RemoveCgroup(cgroup).ok());
  EXPECT_TRUE(WIFSIGNALED(EndOf(pid)));
}

TEST_F(KernelCgroup, KeepsAProcessOnItsCores) {
  const Cgroup cgroup = Make();
  const auto wanted = static_cast<std::size_t>(limits_.cpus.front());
  const int status = EndOf(StartIn(cgroup, [&] {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &cpus);
    ::sched_setaffinity(0, sizeof cpus, &cpus);
    if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 101;
    return CPU_COUNT(&cpus) == 1 && CPU_ISSET(wanted, &cpus) ? 0 : 1;
  }));
  EXPECT_EQ(status, 0);
}

TEST_F(KernelCgroup, RemovesAGroupWhoseProcessesFork) {
  const Cgroup cgroup = Make();
  Pipe report = MakePipe();
  const pid_t pid = StartIn(cgroup, [&]() -> int { ForkForEver(report.write.get()); });
  report.write = UniqueFd();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Receive(report.read.get()), 'f');
  const base::Status removed = RemoveCgroup(cgroup);
  ASSERT_TRUE(removed.ok()) << removed.error().detail;
  EXPECT_FALSE(AnyGroup("a"));
  while (Receive(report.read.get()) == 'f') continue;  // ends when all of them are gone
  EXPECT_TRUE(WIFSIGNALED(EndOf(pid)));
}

TEST_F(KernelCgroup, SweepsWhatADeadHolderLeft) {
  Pipe report = MakePipe();
  const pid_t holder = ::fork();
  if (holder == 0) {
    const Cgroup cgroup = Make("left-behind");
    StartIn(cgroup, [&] {
      Send(report.write.get(), 'r');
      while (true) ::pause();
      return 0;
    });
    ::_exit(0);
  }
  report.write = UniqueFd();
  EXPECT_EQ(EndOf(holder), 0);
  EXPECT_EQ(Receive(report.read.get()), 'r');
  const auto swept = SweepCgroups(tree_);
  ASSERT_TRUE(swept.ok()) << swept.error().detail;
  ASSERT_EQ(swept.value(), std::vector<std::string>{"left-behind"});
  EXPECT_EQ(Receive(report.read.get()), -1);
  EXPECT_FALSE(AnyGroup("left-behind"));
}

TEST_F(KernelCgroup, LeavesAGroupOfThatNameAlone) {
  const Cgroup first = Make();
  const auto second = MakeCgroup(tree_, "a", limits_, {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_TRUE(AnyGroup("a"));
  EXPECT_EQ(EndOf(StartIn(first, [] { return 0; })), 0);
}

TEST_F(KernelCgroup, LeavesNothingOfAGroupThatCannotBeLimited) {
  limits_.cpus = {4095};
  const auto cgroup = MakeCgroup(tree_, "a", limits_, {});
  ASSERT_FALSE(cgroup.ok());
  EXPECT_EQ(cgroup.error().code, Code::kUnavailable);
  EXPECT_FALSE(AnyGroup("a"));
}

TEST_F(KernelCgroup, LeavesOutAnOptionalControllerThatFails) {
  limits_.cpus = {4095};
  const auto cgroup = MakeCgroup(tree_, "a", limits_, {Layer::kCgroupCpus});
  ASSERT_TRUE(cgroup.ok()) << cgroup.error().detail;
  EXPECT_EQ(cgroup.value().layers, (LayerSet{Layer::kCgroupMemory, Layer::kCgroupPids}));
  EXPECT_EQ(EndOf(StartIn(cgroup.value(), [] { return 0; })), 0);
}

TEST_F(KernelCgroup, RemovesAGroupTwiceWithoutComplaint) {
  const Cgroup cgroup = Make();
  EXPECT_TRUE(RemoveCgroup(cgroup).ok());
  EXPECT_TRUE(RemoveCgroup(cgroup).ok());
}

TEST_F(KernelCgroup, FindsTheSameFoldersAgain) {
  const auto again = FindCgroups("", "test-" + std::to_string(::getpid()));
  ASSERT_TRUE(again.ok());
  for (std::size_t i = 0; i < tree_.controllers.size(); ++i) {
    EXPECT_EQ(again.value().controllers[i].parent, tree_.controllers[i].parent);
  }
}

}  // namespace
}  // namespace bulkhead::isolation
