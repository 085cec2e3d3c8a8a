// SPDX-License-Identifier: Apache-2.0
// What every IsolationDriver promises of starts that fail and of ends, over both drivers.
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compartment_trial.h"

namespace bulkhead::isolation {
namespace {

using base::Code;
using testing::ElementsAre;
using testing::HasSubstr;

class IsolationEndsContract : public CompartmentTrial {
 protected:
  End EndOf(std::vector<std::string> arguments) {
    const auto run = RunToEnd(std::move(arguments));
    EXPECT_TRUE(run.ok()) << run.error().detail;
    return run.ok() ? run.value().end : End();
  }
  // The error of a start that must fail, with nothing left behind.
  base::Error Refusal(const LaunchSpec& spec, IsolationDriver& driver) {
    // Its cgroup folder is made with the first use and removed with the driver.
    EXPECT_TRUE(driver.Sweep().ok());
    const Traces before = TakeTraces();
    auto started = driver.Start(spec);
    EXPECT_EQ(TakeTraces(), before);
    EXPECT_FALSE(started.ok());
    return started.ok() ? base::Error() : started.error();
  }
};

TEST_P(IsolationEndsContract, TellsHowTheProgramEnded) {
  EXPECT_EQ(Describe(EndOf({"exit", "0"})), "finished (status 0)");
  EXPECT_EQ(Describe(EndOf({"exit", "42"})), "finished (status 42)");
  EXPECT_EQ(Describe(EndOf({"touch", "0"})), "crashed (SIGSEGV)");
  EXPECT_EQ(EndOf({"violate"}).reason, EndReason::kViolated);
}

// The filter refuses abort its signal, which process 1 of a pid namespace would not die of; what is
// left is the instruction that the C library ends with.
TEST_P(IsolationEndsContract, TellsAnAbortAsTheFaultThatEndsIt) {
  EXPECT_EQ(Describe(EndOf({"abort"})), "crashed (SIGSEGV)");
}

TEST_P(IsolationEndsContract, EndsWhatStillRunsAndRecordsWhy) {
  for (const auto& [cause, reason] : {std::pair(Cause::kKilled, EndReason::kKilled),
                                      std::pair(Cause::kTimedOut, EndReason::kTimedOut)}) {
    auto held = StartHeld(Spec({"spin"}), *driver_);
    ASSERT_TRUE(held.ok()) << held.error().detail;
    const auto end = driver_->Destroy(std::move(held.value().compartment), cause);
    ASSERT_TRUE(end.ok()) << end.error().detail;
    EXPECT_EQ(end.value().reason, reason);
  }
}

TEST_P(IsolationEndsContract, EndsAProgramThatWantsMoreMemoryThanItsShare) {
  if (!Works(Layer::kCgroupMemory)) GTEST_SKIP() << ProbeMachine(GetParam()).missing;
  EXPECT_EQ(EndOf({"memory", "200000000"}).reason, EndReason::kOutOfMemory);
  EXPECT_EQ(EndOf({"memory", "20000000"}).reason, EndReason::kFinished);
}

TEST_P(IsolationEndsContract, KillsItWhenTheProcessThatStartedItIsKilled) {
  const Pipe told = OpenPipe();
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto driver = GetParam().open({});
    // A program that would go on: the one that holds ends with its pipe.
    auto held = StartHeld(Spec({"spin"}), *driver);
    const pid_t pid = held.ok() ? held.value().compartment.pid : -1;
    if (::write(told.write.get(), &pid, sizeof pid) < 0) ::_exit(1);
    for (;;) ::pause();
  }
  pid_t pid = -1;
  ASSERT_EQ(::read(told.read.get(), &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  ASSERT_GT(pid, 0);
  const base::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  ASSERT_TRUE(process.valid());
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(Ends(process.get()));
  ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  EXPECT_TRUE(driver_->Sweep().ok());
}

TEST_P(IsolationEndsContract, KillsItWhenTheThreadThatStartedItEnds) {
  base::Result<Held> held = base::OperatorError(Code::kInternal, "not started");
  std::thread([&] { held = StartHeld(Spec({"hold"}), *driver_); }).join();
  ASSERT_TRUE(held.ok()) << held.error().detail;
  EXPECT_TRUE(Ends(held.value().compartment.process.get()));
  const auto end = driver_->Destroy(std::move(held.value().compartment), Cause::kTimedOut);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end.value().reason, EndReason::kKilled);
}

TEST_P(IsolationEndsContract, RefusesAFileThatItsUserMayNotRead) {
  const TrialFolder folder;
  LaunchSpec spec = Spec({"exit", "0"});
  const std::string file = folder.Write("closed", "text", 0);
  spec.files.push_back({file, file});
  const base::Error error = Refusal(spec, *driver_);
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_THAT(error.detail, HasSubstr("closed"));
}

TEST_P(IsolationEndsContract, RefusesAFileThatIsMissingOrNoFile) {
  LaunchSpec spec = Spec({"exit", "0"});
  spec.files.push_back({"/nothing/here", "/nothing/here"});
  EXPECT_EQ(Refusal(spec, *driver_).code, Code::kNotFound);
  spec.files.back() = {"/usr", "/usr"};
  EXPECT_EQ(Refusal(spec, *driver_).code, Code::kInvalid);
}

TEST_P(IsolationEndsContract, RefusesAProgramThatCannotBeExecuted) {
  const TrialFolder folder;
  LaunchSpec spec = Spec({});
  const std::string script = folder.Write("script", "#!/nothing/here\n", 0755);
  spec.files = {{script, script}};
  spec.program = script;
  const base::Error error = Refusal(spec, *driver_);
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_THAT(error.detail, HasSubstr("execute the program"));
}

TEST_P(IsolationEndsContract, RefusesACoreThatIsNotThere) {
  LaunchSpec spec = Spec({"exit", "0"});
  spec.share.cpus = {8000};
  EXPECT_EQ(Refusal(spec, *driver_).code, Code::kUnavailable);
}

TEST_P(IsolationEndsContract, RefusesANameThatIsTaken) {
  auto held = StartHeld(Spec({"hold"}), *driver_);
  ASSERT_TRUE(held.ok()) << held.error().detail;
  EXPECT_EQ(driver_->Start(Spec({"hold"})).error().code, Code::kInvalid);
  EXPECT_TRUE(driver_->Destroy(std::move(held.value().compartment), Cause::kKilled).ok());
}

TEST_P(IsolationEndsContract, RefusesToDestroyWhatItDidNotStart) {
  EXPECT_EQ(driver_->Destroy({}, Cause::kKilled).error().code, Code::kInvalid);
}

TEST_P(IsolationEndsContract, RefusesAStartForEachRequiredLayerThatIsMissing) {
  for (const Layer layer : ProbeMachine(GetParam()).works.List()) {
    const auto driver = GetParam().open({layer});
    const base::Error error = Refusal(Spec({"exit", "0"}), *driver);
    EXPECT_EQ(error.code, Code::kUnavailable) << LayerName(layer);
    EXPECT_THAT(error.detail, HasSubstr(LayerName(layer)));
  }
}

// What cannot be had without a layer, in the sense of the kernel.
LayerSet BuiltOn(Layer layer) {
  if (layer == Layer::kMountNamespace) return {Layer::kPrivateRoot};
  if (layer == Layer::kNoNewPrivileges) return {Layer::kLandlock, Layer::kSyscallFilter};
  return {};
}

TEST_P(IsolationEndsContract, GoesOnVisiblyWithoutEachOptionalLayerThatIsMissing) {
  const LayerSet works = ProbeMachine(GetParam()).works;
  const bool root = ::geteuid() == 0;
  // Without a private root its user has to get to the program on the paths of the machine.
  const TrialFolder folder;
  const std::string program = folder.path() / "program";
  std::filesystem::copy_file(BULKHEAD_COMPARTMENT_PROGRAM, program);
  for (const Layer layer : works.List()) {
    // It gives an ordinary user the right to all the others.
    if (!root && (layer == Layer::kUserNamespace || layer == Layer::kNoNewPrivileges)) continue;
    const auto driver = GetParam().open({layer});
    LaunchSpec spec = Spec({"exit", "0"});
    spec.files = {{program, program}};
    spec.program = program;
    LayerSet expected = works;
    expected.Remove(layer);
    spec.policy.optional.Add(layer);
    for (const Layer above : BuiltOn(layer).List()) {
      spec.policy.optional.Add(above);
      expected.Remove(above);
    }
    const auto run = RunToEnd(spec, *driver);
    ASSERT_TRUE(run.ok()) << LayerName(layer) << ": " << run.error().detail;
    EXPECT_EQ(run.value().layers.List(), expected.List()) << LayerName(layer);
    EXPECT_EQ(run.value().end.reason, EndReason::kFinished) << LayerName(layer);
  }
}

TEST_P(IsolationEndsContract, LeavesNothingBehindAfterManyLives) {
  constexpr std::size_t kLives = 50;
  const auto live = [&](std::size_t number) {
    return RunToEnd({number % 2 == 0 ? "exit" : "touch", "0"}).ok();
  };
  // What is made once and kept: the filter, the cgroups' folders, the buffers of streams.
  ASSERT_TRUE(live(0) && live(1));
  const Traces before = TakeTraces();
  const std::size_t bytes_before = BytesInUse();
  for (std::size_t life = 0; life < kLives; ++life) ASSERT_TRUE(live(life));
  const std::size_t bytes_after = BytesInUse();
  EXPECT_EQ(TakeTraces(), before);
  // What every life kept would be a byte of each at least.
  EXPECT_LT(bytes_after, bytes_before + kLives);
}

TEST_P(IsolationEndsContract, SweepsWhatAKilledHolderLeft) {
  if (!Works(Layer::kCgroupPids)) GTEST_SKIP() << ProbeMachine(GetParam()).missing;
  const Pipe told = OpenPipe();
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto driver = GetParam().open({});
    const auto held = StartHeld(Spec({"hold"}), *driver);
    const char ok = held.ok() ? 'y' : 'n';
    if (::write(told.write.get(), &ok, 1) < 0) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(holder, nullptr, 0);
  char ok = 'n';
  ASSERT_EQ(::read(told.read.get(), &ok, 1), 1);
  ASSERT_EQ(ok, 'y');
  EXPECT_FALSE(TakeTraces().cgroups.empty());
  const auto swept = driver_->Sweep();
  ASSERT_TRUE(swept.ok()) << swept.error().detail;
  EXPECT_THAT(swept.value(), ElementsAre("trial"));
  driver_.reset();
  EXPECT_TRUE(TakeTraces().cgroups.empty());
}

INSTANTIATE_TEST_SUITE_P(Drivers, IsolationEndsContract, testing::ValuesIn(DriverKinds()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bulkhead::isolation
