// SPDX-License-Identifier: Apache-2.0
// What every IsolationDriver promises of a program that runs, over both drivers: what it is given,
// what it sees, who it is.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compartment_trial.h"
#include "isolation/cgroup_controller.h"
#include "isolation/cgroup_mounts.h"
#include "isolation/program_files.h"

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;
using base::Code;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class IsolationDriverContract : public CompartmentTrial {};

// The flags of an open descriptor, from its /proc/PID/fdinfo file.
int ReadFlags(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  int flags = -1;
  while (file >> key && key != "flags:") {
  }
  file >> std::oct >> flags;
  return flags;
}

TEST_P(IsolationDriverContract, ReachesEveryLayerThatAProbeFindsWorking) {
  const auto run = RunToEnd({"exit", "0"});
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_EQ(run.value().layers.List(), ProbeMachine(GetParam()).works.List());
}

TEST_P(IsolationDriverContract, RunsADynamicProgramWithTheFilesThatItsLoaderLists) {
  const auto files = ProgramFiles({"/bin/true"});
  ASSERT_TRUE(files.ok()) << files.error().detail;
  LaunchSpec spec = Spec({});
  spec.files = files.value();
  spec.program = "/bin/true";
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_EQ(Describe(run.value().end), "finished (status 0)");
  // One file less, and it ends before its first line.
  spec.files.pop_back();
  const auto without = RunToEnd(spec, *driver_);
  ASSERT_TRUE(without.ok()) << without.error().detail;
  EXPECT_EQ(Describe(without.value().end), "finished (status 127)");
}

TEST_P(IsolationDriverContract, GivesTheArgumentsAsTheyAre) {
  const auto run = RunToEnd({"arguments", "", "two words", "$HOME", "\xff"});
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_THAT(run.value().lines, ElementsAre("", "two words", "$HOME", "\xff"));
}

TEST_P(IsolationDriverContract, GivesTheEnvironmentOfTheSpecAndNothingElse) {
  LaunchSpec spec = Spec({"environment"});
  const auto none = RunToEnd(spec, *driver_);
  ASSERT_TRUE(none.ok()) << none.error().detail;
  EXPECT_THAT(none.value().lines, IsEmpty());
  spec.environment = {"ONE=1", "TWO="};
  const auto two = RunToEnd(spec, *driver_);
  ASSERT_TRUE(two.ok()) << two.error().detail;
  EXPECT_THAT(two.value().lines, ElementsAre("ONE=1", "TWO="));
}

TEST_P(IsolationDriverContract, GivesDescriptorsUnderTheirNumbersAndNoOthers) {
  // Inheritable on purpose, and with a source that is another's number.
  const base::UniqueFd stray(::open("/", O_RDONLY | O_DIRECTORY));
  const Pipe swapped = OpenPipe();
  LaunchSpec spec = Spec({"descriptors"});
  spec.descriptors = {{swapped.read.get(), 9}, {swapped.write.get(), swapped.read.get() + 100}};
  const std::string high = std::to_string(swapped.read.get() + 100);
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  // A number above the limit of open files is still open, which the program is asked first.
  EXPECT_THAT(run.value().lines, ElementsAre("0", "1", "2", "3", "9", high));
}

TEST_P(IsolationDriverContract, ConnectsSourcesAndNumbersThatCross) {
  const Pipe pipe = OpenPipe();
  const base::UniqueFd high_read(::fcntl(pipe.read.get(), F_DUPFD_CLOEXEC, 100));
  const base::UniqueFd high_write(::fcntl(pipe.write.get(), F_DUPFD_CLOEXEC, 100));
  const int one = high_read.get();
  const int other = high_write.get();
  LaunchSpec spec = Spec({"hold"});
  spec.descriptors = {{one, other}, {other, one}};
  auto held = StartHeld(spec, *driver_);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const std::string folder = fmt::format("/proc/{}/fdinfo/", held.value().compartment.pid);
  const auto flags = [&](int fd) { return ReadFlags(folder + std::to_string(fd)); };
  EXPECT_EQ(flags(one) & O_ACCMODE, O_WRONLY);
  EXPECT_EQ(flags(other) & O_ACCMODE, O_RDONLY);
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(IsolationDriverContract, GivesAnEmptyInputAClosedOutputAndTheErrorOutput) {
  const auto run = RunToEnd({"streams", "to the log\n"});
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_THAT(run.value().lines, ElementsAre("0", std::to_string(EBADF)));
  EXPECT_THAT(run.value().errors, ElementsAre("to the log"));
}

TEST_P(IsolationDriverContract, ShowsItsFilesReadOnly) {
  const auto run = RunToEnd({"open", BULKHEAD_COMPARTMENT_PROGRAM});
  ASSERT_TRUE(run.ok()) << run.error().detail;
  ASSERT_EQ(run.value().lines.size(), 2U);
  EXPECT_EQ(run.value().lines[0], "0");
  EXPECT_THAT(run.value().lines[1],
              AnyOf(std::to_string(EROFS), std::to_string(EACCES), std::to_string(ETXTBSY)));
}

TEST_P(IsolationDriverContract, ShowsNoOtherFile) {
  const TrialFolder folder;
  const std::string other = folder.Write("other", "secret", 0644);
  const auto run = RunToEnd({"open", other.c_str(), "/etc/passwd", "/proc/self/status", "/"});
  ASSERT_TRUE(run.ok()) << run.error().detail;
  ASSERT_EQ(run.value().lines.size(), 8U);
  for (const std::string& error : run.value().lines) {
    EXPECT_THAT(error, AnyOf(std::to_string(EACCES), std::to_string(ENOENT), std::to_string(EISDIR),
                             std::to_string(EROFS)));
  }
}

TEST_P(IsolationDriverContract, LetsNothingBeWritten) {
  const TrialFolder folder;
  for (const std::string& path : {std::string("/new"), (folder.path() / "new").string()}) {
    const auto run = RunToEnd({"create", path});
    ASSERT_TRUE(run.ok()) << run.error().detail;
    EXPECT_NE(run.value().lines, std::vector<std::string>{"0"}) << path;
  }
}

TEST_P(IsolationDriverContract, GivesADeviceForReadingAndWriting) {
  LaunchSpec spec = Spec({"open", "/dev/null", "/dev/zero"});
  spec.devices = {"/dev/null"};
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  ASSERT_EQ(run.value().lines.size(), 4U);
  EXPECT_EQ(run.value().lines[0], "0");
  EXPECT_EQ(run.value().lines[1], "0");
  EXPECT_NE(run.value().lines[2], "0");
  EXPECT_NE(run.value().lines[3], "0");
}

TEST_P(IsolationDriverContract, KeepsToTheCoresOfItsShare) {
  const LaunchSpec spec = Spec({"cores"});
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_THAT(run.value().lines, ElementsAre(std::to_string(spec.share.cpus[0])));
}

// Where a process is for a controller, from its /proc file; version 2 is what no other line names.
std::string GroupOf(const std::vector<CgroupMembership>& memberships, std::string_view controller) {
  std::string group;
  for (const CgroupMembership& membership : memberships) {
    if (membership.controllers.empty() && group.empty()) group = membership.path;
    const auto& names = membership.controllers;
    if (std::ranges::find(names, controller) != names.end()) group = membership.path;
  }
  return group;
}

TEST_P(IsolationDriverContract, IsInItsGroupOfEachControllerThatWorks) {
  auto held = StartHeld(Spec({"hold"}), *driver_);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const auto groups = ParseCgroupMemberships(Proc(held.value().compartment.pid, "cgroup"));
  for (const Layer layer : {Layer::kCgroupMemory, Layer::kCgroupPids, Layer::kCgroupCpus}) {
    if (!Works(layer)) continue;
    EXPECT_THAT(GroupOf(groups, ControllerName(layer)),
                testing::EndsWith("/bulkhead-" + OwnerName() + "/trial"));
  }
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(IsolationDriverContract, SetsTheLimitsAndNeverAllowsCoresOrFiles) {
  LaunchSpec spec = Spec({"limits"});
  spec.limits.open_files = 19;
  const auto run = RunToEnd(spec, *driver_);
  ASSERT_TRUE(run.ok()) << run.error().detail;
  EXPECT_THAT(run.value().lines, ElementsAre("0", "0", "19"));
}

TEST_P(IsolationDriverContract, HasNoRightsAsOthersSeeIt) {
  auto held = StartHeld(Spec({"hold"}), *driver_);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const pid_t pid = held.value().compartment.pid;
  const std::string none = "0000000000000000";
  for (const std::string set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_EQ(Status(pid, set), none) << set;
  }
  EXPECT_EQ(Status(pid, "NoNewPrivs"), "1");
  EXPECT_EQ(Status(pid, "Seccomp"), "2");
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(IsolationDriverContract, StartsWithDefaultSignalsWhateverTheCallerIgnores) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the system's own constant
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  // One that the C library keeps for itself, by the kernel's call and layout: SIG_IGN, no flags.
  constexpr int kKeptSignal = 33;
  constexpr std::size_t kSignalSetBytes = 8;
  const unsigned long ignore[8] = {1};
  unsigned long kept[8] = {};
  ASSERT_EQ(::syscall(SYS_rt_sigaction, kKeptSignal, ignore, kept, kSignalSetBytes), 0);
  sigset_t blocked = {};
  sigset_t mask = {};
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &mask);
  auto held = StartHeld(Spec({"hold"}), *driver_);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::signal(SIGPIPE, before);
  ::syscall(SYS_rt_sigaction, kKeptSignal, kept, nullptr, kSignalSetBytes);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  const pid_t pid = held.value().compartment.pid;
  EXPECT_EQ(Status(pid, "SigIgn"), "0000000000000000");
  EXPECT_EQ(Status(pid, "SigBlk"), "0000000000000000");
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(IsolationDriverContract, StartsForASupervisorThatIsNotDumpable) {
  ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
  const auto run = RunToEnd({"exit", "0"});
  // As before: the leak check looks at its own process.
  ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
  ASSERT_TRUE(run.ok()) << run.error().detail;
}

INSTANTIATE_TEST_SUITE_P(Drivers, IsolationDriverContract, testing::ValuesIn(DriverKinds()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::isolation
