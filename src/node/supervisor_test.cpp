// SPDX-License-Identifier: Apache-2.0
// The lives of workers, as a client sees them.
#include "node/supervisor.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "channel/wire_enum.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using channel::WorkerState;
using isolation::End;
using isolation::EndReason;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class SupervisorTest : public NodeOnThread {
 protected:
  // Launched and, as its worker said, ready.
  std::shared_ptr<PlayedWorker> Serving(Client& client, const node::Launch& launch,
                                        ReadyWorker* ready = nullptr) {
    const base::Status launched = LaunchAs(client, launch);
    EXPECT_TRUE(launched.ok()) << launched.error().detail;
    auto worker = compartments_.TakeStart();
    worker->SayReady();
    auto told = client.WaitUntilReady(launch.name, kTestPatience);
    EXPECT_TRUE(told.ok()) << told.error().detail;
    if (told.ok() && ready != nullptr) *ready = std::move(told).value();
    return worker;
  }

  static Ended EndOf(Client& client, const std::string& name) {
    auto ended = client.WaitForEnd(name, kTestPatience);
    EXPECT_TRUE(ended.ok()) << ended.error().detail;
    return ended.ok() ? std::move(ended).value() : Ended{};
  }
};

TEST_F(SupervisorTest, StartsWhatItIsAskedTo) {
  Begin();
  Client client = Connected();
  node::Launch launch = ALaunch("a");
  launch.optional_layers = {isolation::Layer::kLandlock};
  ASSERT_TRUE(LaunchAs(client, launch).ok());
  const auto worker = compartments_.TakeStart();
  EXPECT_EQ(worker->spec.name, "a");
  EXPECT_EQ(worker->spec.policy.optional, launch.optional_layers);
  EXPECT_EQ(worker->spec.share.memory_bytes, int64_t{1} << 30);
  EXPECT_EQ(ContentOf(worker->weights.get()), "the model");
  EXPECT_EQ(ContentOf(worker->setup.get()), "the setup");
}

TEST_F(SupervisorTest, HandsOverTheSocketOfAReadyWorkerAndItsDescription) {
  Begin();
  Client client = Connected();
  ReadyWorker ready;
  const auto worker = Serving(client, ALaunch("a"), &ready);
  EXPECT_EQ(ready.about.starts, 1);
  EXPECT_EQ(ready.about.place.partition_id, "cpu-1");
  EXPECT_EQ(ready.about.layers, isolation::LayerSet{isolation::Layer::kSyscallFilter});
  EXPECT_EQ(::write(ready.frames.get(), "frame", 5), 5);
  std::array<char, 8> heard{};
  EXPECT_EQ(::read(worker->frames.get(), heard.data(), heard.size()), 5);
}

TEST_F(SupervisorTest, StartsACrashedWorkerAgainWithTheModelThatWasWipedForTheFirstOne) {
  Begin();
  Client client = Connected();
  auto worker = Serving(client, ALaunch("a"));
  for (int starts = 2; starts <= 3; ++starts) {
    EXPECT_EQ(ContentOf(worker->weights.get()), std::string(9, '\0'));
    compartments_.EndBy(*worker, {EndReason::kCrashed, 0, 11, -1, 0});
    const Ended ended = EndOf(client, "a");
    EXPECT_EQ(ended.phase, Phase::kBackingOff);
    EXPECT_EQ(ended.starts, starts - 1);
    EXPECT_EQ(ended.end->reason, EndReason::kCrashed);
    EXPECT_EQ(ended.end->signal, 11);
    worker = compartments_.TakeStart();
    EXPECT_EQ(ContentOf(worker->weights.get()), "the model");
    EXPECT_EQ(ContentOf(worker->setup.get()), "the setup");
    worker->SayReady();
    const auto ready = client.WaitUntilReady("a", kTestPatience);
    ASSERT_TRUE(ready.ok());
    EXPECT_EQ(ready.value().about.starts, starts);
  }
  // The third failure within the window.
  compartments_.EndBy(*worker, {EndReason::kCrashed, 0, 11, -1, 0});
  EXPECT_EQ(EndOf(client, "a").phase, Phase::kFailed);
}

TEST_F(SupervisorTest, LeavesAWorkerDownThatMadeAForbiddenCallUntilItIsToldOtherwise) {
  Begin();
  Client client = Connected();
  auto worker = Serving(client, ALaunch("a"));
  worker->Say({WorkerState::kViolated, 0, 0xc000003e, 101});
  compartments_.EndBy(*worker, {EndReason::kViolated, 0, 31, -1, 0});
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kFailed);
  EXPECT_EQ(ended.end->reason, EndReason::kViolated);
  EXPECT_EQ(ended.end->syscall_number, 101);
  EXPECT_EQ(ended.end->syscall_arch, 0xc000003eU);
  EXPECT_TRUE(client.Restart("a", kTestPatience).ok());
  worker = compartments_.TakeStart();
  worker->SayReady();
  EXPECT_TRUE(client.WaitUntilReady("a", kTestPatience).ok());
}

TEST_F(SupervisorTest, DoesNotStartAWorkerAgainThatGaveUpOnItsModel) {
  Begin();
  Client client = Connected();
  ASSERT_TRUE(LaunchNamed(client, "a").ok());
  const auto worker = compartments_.TakeStart();
  worker->Say({WorkerState::kFailed, channel::WireOf(Code::kInvalid)});
  compartments_.EndBy(*worker, {EndReason::kFinished, 1, 0, -1, 0});
  EXPECT_EQ(EndOf(client, "a").phase, Phase::kFailed);
}

TEST_F(SupervisorTest, SaysWhyAWorkerCouldNotBegin) {
  Begin();
  Client client = Connected();
  compartments_.RefuseNextStart(base::OperatorError(Code::kUnavailable, "no landlock"));
  ASSERT_TRUE(LaunchNamed(client, "a").ok());
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kFailed);
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->detail, "no landlock");
}

TEST_F(SupervisorTest, EndsAWorkerThatIsNotReadyInTime) {
  Begin();
  Client client = Connected();
  node::Launch launch = ALaunch("a");
  launch.start_timeout = milliseconds(1);
  ASSERT_TRUE(LaunchAs(client, launch).ok());
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kBackingOff);
  EXPECT_EQ(ended.end->reason, EndReason::kTimedOut);
}

TEST_F(SupervisorTest, DrainsAWorkerByEndingItsInput) {
  Begin();
  Client client = Connected();
  ReadyWorker ready;
  const auto worker = Serving(client, ALaunch("a"), &ready);
  EXPECT_TRUE(client.Drain("a", kTestPatience).ok());
  char byte = 0;
  EXPECT_EQ(::read(worker->frames.get(), &byte, 1), 0);
  EXPECT_EQ(::write(worker->frames.get(), "answer", 6), 6);
  std::array<char, 8> heard{};
  EXPECT_EQ(::read(ready.frames.get(), heard.data(), heard.size()), 6);
  compartments_.EndBy(*worker, {EndReason::kFinished, 0, 0, -1, 0});
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kEnded);
  EXPECT_EQ(ended.end->reason, EndReason::kFinished);
  StopNow();
  EXPECT_EQ(devices_.held(), 0U);
}

TEST_F(SupervisorTest, EndsAWorkerThatDoesNotDrainInTime) {
  Begin();
  Client client = Connected();
  node::Launch launch = ALaunch("a");
  launch.drain_timeout = milliseconds(1);
  Serving(client, launch);
  EXPECT_TRUE(client.Drain("a", kTestPatience).ok());
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kEnded);
  EXPECT_EQ(ended.end->reason, EndReason::kTimedOut);
}

TEST_F(SupervisorTest, DestroysAWorkerAndReleasesItsPartition) {
  Begin();
  Client client = Connected();
  Serving(client, ALaunch("a"));
  EXPECT_TRUE(client.Destroy("a", kTestPatience).ok());
  EXPECT_EQ(EndOf(client, "a").end->reason, EndReason::kKilled);
  EXPECT_TRUE(client.List(kTestPatience).value().empty());
  EXPECT_EQ(client.Destroy("a", kTestPatience).error().code, Code::kNotFound);
  StopNow();
  EXPECT_EQ(devices_.held(), 0U);
}

TEST_F(SupervisorTest, KeepsAPartitionOutOfUseThatCannotBeCleared) {
  devices_.scrubs_until_failure = 1;
  Begin();
  Client client = Connected();
  Serving(client, ALaunch("a"));
  EXPECT_TRUE(client.Destroy("a", kTestPatience).ok());
  EXPECT_EQ(EndOf(client, "a").phase, Phase::kEnded);
  StopNow();
  EXPECT_EQ(devices_.held(), 1U);
  EXPECT_THAT(Logged(), HasSubstr("a: cpu-1 is kept out of use"));
}

TEST_F(SupervisorTest, EndsAWorkerWhoseStatusIsNone) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, ALaunch("a"));
  EXPECT_EQ(::write(worker->status.get(), "nonsense", 8), 8);
  EXPECT_EQ(EndOf(client, "a").end->reason, EndReason::kKilled);
}

TEST_F(SupervisorTest, EndsAWorkerThatNeverStopsToReport) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, ALaunch("a"));
  for (int i = 0; i < 100; ++i) worker->Say({WorkerState::kLoading});
  EXPECT_EQ(EndOf(client, "a").end->reason, EndReason::kKilled);
}

TEST_F(SupervisorTest, EndsAWorkerThatLivesOnWithoutItsStatusPipe) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, ALaunch("a"));
  worker->status = base::UniqueFd();
  EXPECT_EQ(EndOf(client, "a").end->reason, EndReason::kKilled);
}

TEST_F(SupervisorTest, LogsWhatAWorkerSaysUnderItsNameAndNotMoreThanAFewLines) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, ALaunch("a"));
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "line " + std::to_string(i) + "\n";
  EXPECT_EQ(::write(worker->log.get(), lines.data(), lines.size()),
            static_cast<ssize_t>(lines.size()));
  compartments_.EndBy(*worker, {EndReason::kCrashed, 0, 6, -1, 0});
  EndOf(client, "a");
  EXPECT_THAT(Logged(), HasSubstr("a | (80 lines left out)\na | line 80\n"));
  EXPECT_THAT(Logged(), HasSubstr("a | line 99\n"));
  EXPECT_THAT(Logged(), Not(HasSubstr("line 79\n")));
  EXPECT_THAT(Logged(), HasSubstr("a: crashed (SIGABRT), backing off\n"));
}

TEST_F(SupervisorTest, LogsTheLastWordsOfAWorkerWhoseLogIsLeftAlone) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, ALaunch("a"));
  EXPECT_EQ(::write(worker->log.get(), "first\n", 6), 6);
  while (Logged().find("a | first\n") == std::string::npos) {
  }
  EXPECT_EQ(::write(worker->log.get(), "last\n", 5), 5);
  compartments_.EndBy(*worker, {EndReason::kCrashed, 0, 6, -1, 0});
  EndOf(client, "a");
  EXPECT_THAT(Logged(), HasSubstr("a | last\n"));
}

TEST_F(SupervisorTest, DrainsEveryWorkerBeforeItStops) {
  Begin();
  Client client = Connected();
  const auto a = Serving(client, ALaunch("a"));
  const auto b = Serving(client, ALaunch("b"));
  AskToStop();
  for (const auto& worker : {a, b}) {
    char byte = 0;
    EXPECT_EQ(::read(worker->frames.get(), &byte, 1), 0);
  }
  EXPECT_EQ(LaunchNamed(client, "c").error().code, Code::kUnavailable);
  compartments_.EndBy(*a, {EndReason::kFinished, 0, 0, -1, 0});
  compartments_.EndBy(*b, {EndReason::kFinished, 0, 0, -1, 0});
  Join();
  EXPECT_EQ(devices_.held(), 0U);
}

TEST_F(SupervisorTest, KillsEveryWorkerWhenItIsToldToStopTwice) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, ALaunch("a"));
  AskToStop();
  char byte = 0;
  EXPECT_EQ(::read(worker->frames.get(), &byte, 1), 0);
  AskToStop();
  Join();
  EXPECT_EQ(EndOf(client, "a").end->reason, EndReason::kKilled);
  EXPECT_EQ(devices_.held(), 0U);
}

}  // namespace
}  // namespace bulkhead::node
