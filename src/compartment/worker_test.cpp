// SPDX-License-Identifier: Apache-2.0
#include "compartment/worker.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "channel/wire_enum.h"
#include "compartment/test_compartments.h"

namespace bulkhead::compartment {
namespace {

using base::Code;
using channel::WorkerState;
using isolation::Cause;
using isolation::End;
using isolation::EndReason;
using isolation::Layer;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array kSetup{std::byte{1}, std::byte{2}, std::byte{3}};
constexpr int64_t kMemoryBytes = int64_t{512} << 20;

ino_t Inode(int fd) {
  struct stat status = {};
  EXPECT_EQ(::fstat(fd, &status), 0);
  return status.st_ino;
}

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    program_.program = "/program";
    program_.engine_library = "/lib/engine.so";
    program_.files = {{"/program", "/program"}, {"/lib/engine.so", "/lib/engine.so"}};
    spec_.name = "one";
    spec_.setup = kSetup;
    spec_.weights = weights_.get();
    spec_.partition.cpus = {2, 3};
    spec_.partition.memory_bytes = kMemoryBytes;
    spec_.partition.environment = {"DEVICE=7"};
    spec_.partition.device_nodes = {"/dev/accelerator"};
    spec_.policy.optional = {Layer::kOwnUser};
  }

  // Starts a worker that the test plays.
  Worker Start() {
    auto worker = StartWorker(compartments_, program_, spec_);
    EXPECT_TRUE(worker.ok()) << worker.error().detail;
    played_ = compartments_.TakeStart();
    return std::move(worker).value();
  }

  void Log(std::string_view text) const {
    EXPECT_EQ(::write(played_->log.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }

  // Ends it as the kernel would.
  End EndAs(Worker worker, const End& end) {
    compartments_.EndBy(*played_, end);
    auto told = EndWorker(compartments_, std::move(worker), Cause::kKilled);
    EXPECT_TRUE(told.ok()) << told.error().detail;
    return std::move(told).value();
  }

  const base::UniqueFd weights_{::memfd_create("weights", MFD_CLOEXEC)};
  WorkerProgram program_;
  WorkerSpec spec_;
  FakeCompartments compartments_;
  std::shared_ptr<PlayedWorker> played_;
};

TEST_F(WorkerTest, GetsItsProgramItsShareAndItsPolicy) {
  const Worker worker = Start();
  const isolation::LaunchSpec& launch = played_->spec;
  EXPECT_EQ(launch.name, "one");
  EXPECT_EQ(launch.program, "/program");
  EXPECT_EQ(launch.files.size(), 2U);
  EXPECT_TRUE(launch.arguments.empty());
  EXPECT_THAT(launch.environment, ElementsAre("DEVICE=7", "BULKHEAD_ONNXRUNTIME=/lib/engine.so"));
  EXPECT_THAT(launch.devices, ElementsAre("/dev/accelerator"));
  EXPECT_THAT(launch.share.cpus, ElementsAre(2, 3));
  EXPECT_EQ(launch.share.memory_bytes, kMemoryBytes);
  EXPECT_GT(launch.share.processes, 2);
  EXPECT_EQ(launch.policy.optional.List(), spec_.policy.optional.List());
  EXPECT_EQ(worker.compartment.name, "one");
}

TEST_F(WorkerTest, FindsItsModelItsSetupAndItsWaysOutUnderTheirNumbers) {
  const Worker worker = Start();
  EXPECT_EQ(played_->spec.descriptors.size(), 4U);
  EXPECT_EQ(Inode(played_->weights.get()), Inode(weights_.get()));
  std::array<std::byte, 4> setup{};
  ASSERT_EQ(::pread(played_->setup.get(), setup.data(), setup.size(), 0), 3);
  EXPECT_TRUE(std::ranges::equal(kSetup, std::span(setup).first(3)));
  // What it says on its frames socket comes out of ours, and the other way round.
  char heard = 0;
  ASSERT_EQ(::write(played_->frames.get(), "w", 1), 1);
  ASSERT_EQ(::read(worker.frames.get(), &heard, 1), 1);
  EXPECT_EQ(heard, 'w');
  ASSERT_EQ(::write(worker.frames.get(), "s", 1), 1);
  ASSERT_EQ(::read(played_->frames.get(), &heard, 1), 1);
  EXPECT_EQ(heard, 's');
}

TEST_F(WorkerTest, HasABoundOfAddressesOnCoresOnly) {
  {
    const Worker worker = Start();
  }
  EXPECT_GT(played_->spec.limits.address_space_bytes, static_cast<uint64_t>(kMemoryBytes));
  EXPECT_EQ(played_->spec.limits.locked_bytes, static_cast<uint64_t>(kMemoryBytes));
  // The driver of a GPU maps far more than it uses.
  spec_.partition.tier = device::Tier::kHard;
  const Worker on_gpu = Start();
  EXPECT_EQ(played_->spec.limits.address_space_bytes, 0U);
}

TEST_F(WorkerTest, RunsInNoPartitionOfASimulatedDevice) {
  spec_.partition.simulated = true;
  const auto worker = StartWorker(compartments_, program_, spec_);
  ASSERT_FALSE(worker.ok());
  EXPECT_EQ(worker.error().code, Code::kUnsupported);
}

TEST_F(WorkerTest, IsRefusedWithTheWordsOfTheDriver) {
  compartments_.RefuseNextStart(base::OperatorError(Code::kUnavailable, "no such layer"));
  const auto worker = StartWorker(compartments_, program_, spec_);
  ASSERT_FALSE(worker.ok());
  EXPECT_EQ(worker.error().code, Code::kUnavailable);
  EXPECT_EQ(worker.error().detail, "no such layer");
}

TEST_F(WorkerTest, TellsItsStatesInTheirOrderAndNothingBetweenThem) {
  Worker worker = Start();
  ASSERT_TRUE(ReadStatus(worker).ok());
  EXPECT_FALSE(ReadStatus(worker).value().has_value());
  played_->SayReady();
  EXPECT_EQ(ReadStatus(worker).value()->state, WorkerState::kLoading);
  EXPECT_EQ(ReadStatus(worker).value()->state, WorkerState::kReady);
  EXPECT_FALSE(ReadStatus(worker).value().has_value());
}

TEST_F(WorkerTest, IsEndingWhenItsStatusIsClosed) {
  Worker worker = Start();
  played_->Say({WorkerState::kLoading});
  played_->status = base::UniqueFd();
  EXPECT_TRUE(ReadStatus(worker).value().has_value());
  EXPECT_EQ(ReadStatus(worker).error().code, Code::kUnavailable);
}

TEST_F(WorkerTest, IsNotBelievedWhenItsRecordIsNone) {
  Worker worker = Start();
  const std::array<char, channel::kStatusRecordBytes> unknown{9};
  ASSERT_EQ(::write(played_->status.get(), unknown.data(), unknown.size()), 16);
  EXPECT_EQ(ReadStatus(worker).error().code, Code::kCorrupt);
  // As little as a part of one.
  ASSERT_EQ(::write(played_->status.get(), "\1", 1), 1);
  EXPECT_EQ(ReadStatus(worker).error().code, Code::kCorrupt);
}

TEST_F(WorkerTest, IsReadyWhenItSaysSo) {
  Worker worker = Start();
  played_->SayReady();
  EXPECT_TRUE(WaitUntilReady(worker, kTestPatience).ok());
}

TEST_F(WorkerTest, IsNotReadyBeforeTheTimeIsUp) {
  Worker worker = Start();
  played_->Say({WorkerState::kLoading});
  EXPECT_EQ(WaitUntilReady(worker, std::chrono::milliseconds(0)).error().code, Code::kDeadline);
}

TEST_F(WorkerTest, SaysInTheLastLineOfItsLogWhyItGaveUp) {
  const channel::StatusRecord failed = {WorkerState::kFailed, channel::WireOf(Code::kUnsupported)};
  const channel::StatusRecord violated = {WorkerState::kViolated, 0, AUDIT_ARCH_X86_64, SYS_ptrace};
  for (const channel::StatusRecord& last : {failed, violated}) {
    Worker worker = Start();
    Log("loading\nunsupported: no such operator\n");
    played_->Say({WorkerState::kLoading});
    played_->Say(last);
    const base::Status ready = WaitUntilReady(worker, kTestPatience);
    ASSERT_FALSE(ready.ok());
    EXPECT_EQ(ready.error().code, Code::kUnavailable);
    EXPECT_EQ(ready.error().detail, "unsupported: no such operator");
  }
}

TEST_F(WorkerTest, EndsBeforeItIsReadyWithoutSayingWhy) {
  Worker worker = Start();
  compartments_.EndBy(*played_, {EndReason::kCrashed, 0, SIGSEGV, -1, 0});
  const base::Status ready = WaitUntilReady(worker, kTestPatience);
  ASSERT_FALSE(ready.ok());
  EXPECT_EQ(ready.error().code, Code::kUnavailable);
  EXPECT_EQ(ready.error().detail, "it did not say why");
}

TEST_F(WorkerTest, MaySendNoneButPrintableBytesThroughItsLog) {
  Worker worker = Start();
  Log("a\x1b[2Jb\n\xff\r");
  EXPECT_EQ(ReadLog(worker), "a?[2Jb\n??");
  EXPECT_EQ(ReadLog(worker), "");
  Log("more");
  EXPECT_EQ(ReadLog(worker), "more");
}

TEST_F(WorkerTest, KeepsTheEndOfALogThatIsTooLong) {
  constexpr std::size_t kKept = std::size_t{64} << 10;
  Worker worker = Start();
  ASSERT_GE(::fcntl(played_->log.get(), F_SETPIPE_SZ, 1 << 18), 1 << 18);
  Log(std::string(kKept, 'a') + std::string(kKept - 3, 'b') + "end");
  EXPECT_EQ(ReadLog(worker), std::string(kKept - 3, 'b') + "end");
}

TEST_F(WorkerTest, IsToldToHaveEndedForTheCauseThatEndedIt) {
  for (const auto& [cause, reason] : {std::pair(Cause::kKilled, EndReason::kKilled),
                                      std::pair(Cause::kTimedOut, EndReason::kTimedOut)}) {
    const auto end = EndWorker(compartments_, Start(), cause);
    ASSERT_TRUE(end.ok()) << end.error().detail;
    EXPECT_EQ(end.value().reason, reason);
  }
}

TEST_F(WorkerTest, NamesTheCallOfItsViolation) {
  // Whether somebody has read it before its end or not.
  for (const bool read : {false, true}) {
    Worker worker = Start();
    played_->SayReady();
    played_->Say({WorkerState::kViolated, 0, AUDIT_ARCH_X86_64, SYS_ptrace});
    if (read) {
      while (!worker.violation) ASSERT_TRUE(ReadStatus(worker).ok());
    }
    const End end = EndAs(std::move(worker), {EndReason::kViolated, 0, SIGSYS, -1, 0});
    EXPECT_EQ(end.reason, EndReason::kViolated);
    EXPECT_EQ(end.syscall_number, SYS_ptrace);
    EXPECT_EQ(end.syscall_arch, static_cast<uint32_t>(AUDIT_ARCH_X86_64));
  }
}

TEST_F(WorkerTest, ViolatedWithoutANumberWhenItDidNotReportOne) {
  Worker worker = Start();
  played_->SayReady();
  const End end = EndAs(std::move(worker), {EndReason::kViolated, 0, SIGSYS, -1, 0});
  EXPECT_EQ(end.reason, EndReason::kViolated);
  EXPECT_EQ(end.syscall_number, -1);
}

TEST_F(WorkerTest, DidNotViolateAnythingBecauseItSaysSo) {
  Worker worker = Start();
  played_->Say({WorkerState::kViolated, 0, AUDIT_ARCH_X86_64, SYS_ptrace});
  const End end = EndAs(std::move(worker), {EndReason::kFinished, 0, 0, -1, 0});
  EXPECT_EQ(end.reason, EndReason::kFinished);
  EXPECT_EQ(end.syscall_number, -1);
}

}  // namespace
}  // namespace bulkhead::compartment
