// SPDX-License-Identifier: Apache-2.0
// Clients of a supervisor: what they may ask, and what becomes of those that misbehave or leave.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/node_protocol.h"
#include "node/packet_socket.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using testing::HasSubstr;

class SupervisorClientsTest : public NodeOnThread {
 protected:
  // A client that says what it likes.
  base::UniqueFd Raw() {
    auto raw = ConnectControl(socket());
    EXPECT_TRUE(raw.ok());
    return std::move(raw).value();
  }

  // The next reply on it; nullopt: the node hung up.
  static std::optional<Reply> ReplyOn(const base::UniqueFd& raw) {
    pollfd readable{raw.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&readable, 1, 60'000), 1);
    auto packet = ReceivePacket(raw.get());
    if (!packet.ok() || !packet.value()) return std::nullopt;
    return DecodeReply(packet.value()->bytes, packet.value()->descriptors.size()).value();
  }

  static void ExpectRefusedAndHungUp(const base::UniqueFd& raw, Code code) {
    const auto reply = ReplyOn(raw);
    ASSERT_TRUE(reply);
    ASSERT_TRUE(std::holds_alternative<Refused>(*reply));
    EXPECT_EQ(std::get<Refused>(*reply).error.code, code);
    EXPECT_FALSE(ReplyOn(raw));
  }

  static void Send(const base::UniqueFd& raw, const Request& request) {
    EXPECT_TRUE(SendPacket(raw.get(), EncodeRequest(request).value(), {}).ok());
  }
};

TEST_F(SupervisorClientsTest, EndsTheWorkersOfAClientThatLeavesAndNoOthers) {
  Begin();
  Client stays = Connected();
  ASSERT_TRUE(LaunchNamed(stays, "stays").ok());
  const auto kept = compartments_.TakeStart();
  {
    Client leaves = Connected();
    ASSERT_TRUE(LaunchNamed(leaves, "leaves").ok());
    compartments_.TakeStart();
    EXPECT_EQ(stays.List(kTestPatience).value().size(), 2U);
  }
  while (stays.List(kTestPatience).value().size() > 1) {
  }
  kept->SayReady();
  EXPECT_TRUE(stays.WaitUntilReady("stays", kTestPatience).ok());
  EXPECT_TRUE(LaunchNamed(stays, "leaves").ok());
}

TEST_F(SupervisorClientsTest, HangsUpOnOneThatSendsNoPacketOfOurs) {
  Begin();
  Client other = Connected();
  const base::UniqueFd raw = Raw();
  EXPECT_EQ(::send(raw.get(), "nonsense", 8, 0), 8);
  ExpectRefusedAndHungUp(raw, Code::kCorrupt);
  EXPECT_TRUE(other.List(kTestPatience).ok());
  EXPECT_THAT(Logged(), HasSubstr("client 2: "));
}

TEST_F(SupervisorClientsTest, HangsUpOnOneThatDoesNotSayHelloFirstOrSaysItTwice) {
  Begin();
  const base::UniqueFd silent = Raw();
  Send(silent, List{1, ""});
  ExpectRefusedAndHungUp(silent, Code::kCorrupt);
  const base::UniqueFd twice = Raw();
  Send(twice, Hello{});
  EXPECT_TRUE(std::holds_alternative<Welcome>(ReplyOn(twice).value()));
  Send(twice, Hello{});
  ExpectRefusedAndHungUp(twice, Code::kCorrupt);
}

TEST_F(SupervisorClientsTest, HangsUpOnOneThatDoesNotReadItsAnswers) {
  Begin();
  Client other = Connected();
  const base::UniqueFd raw = Raw();
  Send(raw, Hello{});
  const auto list = EncodeRequest(List{1, ""}).value();
  base::Status sent = base::Ok();
  while (sent.ok() || sent.error().code == Code::kExhausted) {
    sent = SendPacket(raw.get(), list, {});
  }
  EXPECT_EQ(sent.error().code, Code::kUnavailable);
  EXPECT_TRUE(other.List(kTestPatience).ok());
}

TEST_F(SupervisorClientsTest, ServesSoManyAtATimeAndTheNextWhenOneLeaves) {
  Begin();
  std::vector<Client> clients;
  while (clients.size() < kClientsMax) clients.push_back(Connected());
  const auto late = Client::Connect(socket(), std::chrono::milliseconds(1));
  EXPECT_EQ(late.error().code, Code::kDeadline);
  clients.pop_back();
  EXPECT_TRUE(Connected().List(kTestPatience).ok());
}

TEST_F(SupervisorClientsTest, RefusesAnotherWorkerOfTheSameName) {
  Begin();
  Client client = Connected();
  ASSERT_TRUE(LaunchNamed(client, "a").ok());
  EXPECT_EQ(LaunchNamed(client, "a").error().code, Code::kConflict);
  EXPECT_EQ(client.List(kTestPatience).value().size(), 1U);
}

TEST_F(SupervisorClientsTest, RefusesWhatTheDevicesDoNotHave) {
  Begin();
  Client client = Connected();
  ASSERT_TRUE(LaunchNamed(client, "a").ok());
  ASSERT_TRUE(LaunchNamed(client, "b").ok());
  EXPECT_EQ(LaunchNamed(client, "c").error().code, Code::kExhausted);
  node::Launch launch = ALaunch("d");
  launch.profile = "cpu:moat";
  EXPECT_EQ(LaunchAs(client, launch).error().code, Code::kInvalid);
}

TEST_F(SupervisorClientsTest, RefusesToDoWithoutALayerThatThePolicyRequires) {
  Begin();
  Client client = Connected();
  node::Launch launch = ALaunch("a");
  launch.optional_layers = {isolation::Layer::kLandlock, isolation::Layer::kSyscallFilter};
  const base::Status refused = LaunchAs(client, launch);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().detail, HasSubstr("requires the layer syscall-filter"));
  StopNow();
  EXPECT_EQ(devices_.held(), 0U);
}

TEST_F(SupervisorClientsTest, RefusesASetupThatIsEmptyAndGivesItsPartitionBack) {
  Begin();
  Client client = Connected();
  const base::Status refused = client.Launch(ALaunch("a"), EmptyFile().get(), {}, kTestPatience);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  StopNow();
  EXPECT_EQ(devices_.held(), 0U);
}

TEST_F(SupervisorClientsTest, RefusesAPartitionThatCannotBeCleared) {
  devices_.scrubs_until_failure = 0;
  Begin();
  Client client = Connected();
  EXPECT_EQ(LaunchNamed(client, "a").error().detail,
            "cpu-1 could not be cleared, so that it stays out of use: it cannot be cleared");
  StopNow();
  EXPECT_EQ(devices_.held(), 1U);
}

TEST_F(SupervisorClientsTest, IsReadableForAClientThatWaitsForNewsAmongOtherThings) {
  Begin();
  Client client = Connected();
  ASSERT_TRUE(LaunchNamed(client, "a").ok());
  pollfd news{client.descriptor(), POLLIN, 0};
  EXPECT_EQ(::poll(&news, 1, 0), 0);
  EXPECT_EQ(client.Next(std::chrono::milliseconds(0)).error().code, Code::kDeadline);
  const auto worker = compartments_.TakeStart();
  worker->SayReady();
  ASSERT_EQ(::poll(&news, 1, 60'000), 1);
  const auto came = client.Next(std::chrono::milliseconds(0));
  ASSERT_TRUE(came.ok());
  EXPECT_EQ(std::get<ReadyWorker>(came.value()).about.name, "a");
}

TEST_F(SupervisorClientsTest, IsUsableAfterARefusalAndNotAfterItsNodeIsGone) {
  devices_.scrubs_until_failure = 0;
  Begin();
  Client client = Connected();
  ASSERT_EQ(LaunchNamed(client, "a").error().code, Code::kUnavailable);
  EXPECT_TRUE(client.usable());
  EXPECT_EQ(client.Next(std::chrono::milliseconds(1)).error().code, Code::kDeadline);
  EXPECT_TRUE(client.usable());
  StopNow();
  EXPECT_EQ(client.Next(std::chrono::milliseconds(60'000)).error().code, Code::kUnavailable);
  EXPECT_FALSE(client.usable());
}

TEST_F(SupervisorClientsTest, ObeysAnyClientAndTellsTheOneThatLaunched) {
  Begin();
  Client owner = Connected();
  Client other = Connected();
  ASSERT_TRUE(LaunchNamed(owner, "a").ok());
  compartments_.TakeStart();
  EXPECT_TRUE(other.Destroy("a", kTestPatience).ok());
  const auto ended = owner.WaitForEnd("a", kTestPatience);
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended.value().phase, Phase::kEnded);
  EXPECT_EQ(other.Next(std::chrono::milliseconds(1)).error().code, Code::kDeadline);
}

}  // namespace
}  // namespace bulkhead::node
