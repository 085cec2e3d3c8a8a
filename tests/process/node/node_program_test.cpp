// SPDX-License-Identifier: Apache-2.0
// What a node promises to whoever launches workers, with the real programs.
#include "node_program.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead {
namespace {

using base::Code;
using isolation::EndReason;
using node::Phase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NodeProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    node_.emplace(home_, std::vector<std::string>{"--restart-wait", "1"});
    ASSERT_TRUE(node_->Serves()) << node_->Log();
    auto client = node::Client::Connect(home_.socket(), kPatience);
    ASSERT_TRUE(client.ok()) << client.error().detail;
    client_ = std::move(client).value();
  }

  // Launched and ready, under the name "bolts".
  node::ReadyWorker Ready() {
    const base::Status launched = LaunchBolts(*client_, "bolts");
    EXPECT_TRUE(launched.ok()) << launched.error().detail;
    return ReadyAgain();
  }

  node::ReadyWorker ReadyAgain() {
    auto ready = client_->WaitUntilReady("bolts", kPatience);
    if (ready.ok()) return std::move(ready).value();
    ADD_FAILURE() << ready.error().detail << "\n" << node_->Log();
    return {};
  }

  void ExpectBolts(base::UniqueFd frames) {
    const base::Status seen = SeeBolts(std::move(frames));
    EXPECT_TRUE(seen.ok()) << seen.error().detail << "\n" << node_->Log();
  }

  void ExpectNoWorker() {
    EXPECT_THAT(client_->List(kPatience).value(), IsEmpty());
    EXPECT_THAT(node_->Workers(), IsEmpty());
  }

  const StateHome home_;
  std::optional<NodeProgram> node_;
  std::optional<node::Client> client_;
};

TEST_F(NodeProgramTest, LaunchesAWorkerAndHandsOverItsSocket) {
  node::ReadyWorker worker = Ready();
  EXPECT_EQ(worker.about.starts, 1);
  EXPECT_EQ(worker.about.place.profile, "cpu:1c512m");
  EXPECT_EQ(worker.about.place.tier, device::Tier::kCpu);
  EXPECT_TRUE(worker.about.layers.Has(isolation::Layer::kSyscallFilter));
  ExpectBolts(std::move(worker.frames));
  const auto list = client_->List(kPatience).value();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].name, "bolts");
  EXPECT_EQ(list[0].phase, Phase::kReady);
}

TEST_F(NodeProgramTest, StartsAKilledWorkerAgainWithTheSameModelOnANewSocket) {
  node::ReadyWorker worker = Ready();
  for (int starts = 2; starts <= 4; ++starts) {
    ASSERT_EQ(node_->Workers().size(), 1U);
    KillAndWait(node_->Workers()[0]);
    const auto ended = client_->WaitForEnd("bolts", kPatience);
    ASSERT_TRUE(ended.ok()) << ended.error().detail;
    EXPECT_EQ(ended.value().phase, Phase::kBackingOff);
    ASSERT_TRUE(ended.value().end);
    EXPECT_EQ(ended.value().end->reason, EndReason::kKilled);
    EXPECT_FALSE(SeeBolts(std::move(worker.frames)).ok());
    worker = ReadyAgain();
    EXPECT_EQ(worker.about.starts, starts);
    ExpectBolts(base::UniqueFd(::dup(worker.frames.get())));
  }
}

TEST_F(NodeProgramTest, LeavesAWorkerDownWhoseModelIsNone) {
  ASSERT_TRUE(LaunchBolts(*client_, "bolts", "not_yolo.onnx").ok());
  const auto ended = client_->WaitForEnd("bolts", kPatience);
  ASSERT_TRUE(ended.ok()) << ended.error().detail;
  EXPECT_EQ(ended.value().phase, Phase::kFailed);
  EXPECT_EQ(ended.value().end->reason, EndReason::kFinished);
  EXPECT_EQ(ended.value().end->exit_status, 1);
  EXPECT_THAT(node_->Log(), HasSubstr("bulkhead-node: bolts | bulkhead-worker: unsupported: "));
  // Its partition is its own until it is destroyed.
  EXPECT_EQ(client_->List(kPatience).value().at(0).phase, Phase::kFailed);
  EXPECT_TRUE(client_->Destroy("bolts", kPatience).ok());
  ExpectNoWorker();
}

TEST_F(NodeProgramTest, DrainsAWorkerThatIsAskedSomething) {
  node::ReadyWorker worker = Ready();
  EXPECT_TRUE(client_->Drain("bolts", kPatience).ok());
  const auto ended = client_->WaitForEnd("bolts", kPatience);
  ASSERT_TRUE(ended.ok()) << ended.error().detail;
  EXPECT_EQ(ended.value().phase, Phase::kEnded);
  EXPECT_EQ(ended.value().end->reason, EndReason::kFinished);
  EXPECT_EQ(ended.value().end->exit_status, 0);
  ExpectNoWorker();
}

TEST_F(NodeProgramTest, DestroysAWorkerAndTakesItsNameAgain) {
  for (int round = 0; round < 2; ++round) {
    Ready();
    EXPECT_TRUE(client_->Destroy("bolts", kPatience).ok());
    const auto ended = client_->WaitForEnd("bolts", kPatience);
    ASSERT_TRUE(ended.ok()) << ended.error().detail;
    EXPECT_EQ(ended.value().end->reason, EndReason::kKilled);
    ExpectNoWorker();
  }
}

TEST_F(NodeProgramTest, EndsTheWorkersOfAClientThatGoesAway) {
  auto other = node::Client::Connect(home_.socket(), kPatience);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(LaunchBolts(other.value(), "other").ok());
  ASSERT_TRUE(other.value().WaitUntilReady("other", kPatience).ok());
  EXPECT_EQ(client_->List(kPatience).value().size(), 1U);
  const pid_t worker = node_->Workers().at(0);
  other = base::PublicError(Code::kUnavailable, "");
  while (!client_->List(kPatience).value().empty()) {
  }
  EXPECT_FALSE(KillAndWait(worker));
  ExpectNoWorker();
}

TEST_F(NodeProgramTest, HandsOutNoMoreThanThereIs) {
  std::vector<std::string> names;
  base::Status launched = base::Ok();
  while (launched.ok() && names.size() < 256) {
    names.push_back("bolts-" + std::to_string(names.size()));
    launched = LaunchBolts(*client_, names.back());
  }
  ASSERT_FALSE(launched.ok());
  EXPECT_EQ(launched.error().code, Code::kExhausted);
  EXPECT_TRUE(client_->Destroy(names.front(), kPatience).ok());
  EXPECT_TRUE(LaunchBolts(*client_, names.back()).ok());
}

TEST_F(NodeProgramTest, RefusesASecondNodeOnTheSameState) {
  NodeProgram second(home_, {"--socket", home_.path() + "/second.sock"});
  EXPECT_FALSE(second.Serves());
  EXPECT_THAT(second.Log(), HasSubstr("in use by another bulkhead-node"));
  EXPECT_EQ(second.End(), 1);
  ExpectBolts(Ready().frames);
}

TEST_F(NodeProgramTest, DrainsOnSigtermAndLeavesNothing) {
  node::ReadyWorker worker = Ready();
  node_->Signal(SIGTERM);
  const auto ended = client_->WaitForEnd("bolts", kPatience);
  ASSERT_TRUE(ended.ok()) << ended.error().detail;
  EXPECT_EQ(ended.value().end->reason, EndReason::kFinished);
  EXPECT_EQ(node_->End(), 0);
  EXPECT_THAT(home_.Content(), IsEmpty());
  EXPECT_THAT(home_.Cgroups(), IsEmpty());
}

TEST_F(NodeProgramTest, RemovesWhatANodeThatWasKilledLeft) {
  Ready();
  EXPECT_EQ(node_->Workers().size(), 1U);
  node_->Signal(SIGKILL);
  EXPECT_EQ(node_->End(), 128 + SIGKILL);
  EXPECT_THAT(home_.Content(), ElementsAre("node.sock"));
  const bool groups_left = !home_.Cgroups().empty();
  NodeProgram next(home_, {});
  ASSERT_TRUE(next.Serves());
  const std::string log = next.Log();
  EXPECT_EQ(log.find("bolts: removed what an earlier node left of it") != std::string::npos,
            groups_left)
      << log;
  next.Signal(SIGINT);
  EXPECT_EQ(next.End(), 0);
  EXPECT_THAT(home_.Content(), IsEmpty());
  EXPECT_THAT(home_.Cgroups(), IsEmpty());
}

TEST(NodeProgram, DoesNotStartInAFolderThatOthersMayWriteTo) {
  const StateHome home;
  std::filesystem::permissions(home.path(), std::filesystem::perms::all);
  NodeProgram node(home, {});
  EXPECT_FALSE(node.Serves());
  EXPECT_THAT(node.Log(), HasSubstr("only that user may write to it"));
  EXPECT_EQ(node.End(), 1);
}

TEST(NodeProgram, LeavesAFileAloneThatIsWhereItsSocketShouldBe) {
  const StateHome home;
  std::ofstream(home.socket()) << "text";
  NodeProgram node(home, {});
  EXPECT_FALSE(node.Serves());
  EXPECT_THAT(node.Log(), HasSubstr("is not a socket"));
  EXPECT_EQ(node.End(), 1);
  EXPECT_TRUE(std::filesystem::is_regular_file(home.socket()));
}

TEST(NodeProgram, SaysThatACommandLineIsWrong) {
  const StateHome home;
  NodeProgram node(home, {"--optional-layers", "moat"});
  EXPECT_FALSE(node.Serves());
  EXPECT_THAT(node.Log(), HasSubstr("moat is not a layer"));
  EXPECT_EQ(node.End(), 2);
}

}  // namespace
}  // namespace bulkhead
