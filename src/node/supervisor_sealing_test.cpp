// SPDX-License-Identifier: Apache-2.0
// Keys and sealed models, as a client of the node sees them.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/supervisor.h"
#include "node/test_node.h"

namespace bulkhead::node {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::HasSubstr;

class SupervisorSealingTest : public NodeOnThread {
 protected:
  std::shared_ptr<PlayedWorker> Serving(Client& client, const std::string& name) {
    EXPECT_TRUE(LaunchNamed(client, name).ok());
    auto worker = compartments_.TakeStart();
    worker->SayReady();
    EXPECT_TRUE(client.WaitUntilReady(name, kTestPatience).ok());
    return worker;
  }

  static Ended EndOf(Client& client, const std::string& name) {
    auto ended = client.WaitForEnd(name, kTestPatience);
    EXPECT_TRUE(ended.ok()) << ended.error().detail;
    return ended.ok() ? std::move(ended).value() : Ended{};
  }

  static constexpr isolation::End kCrash{isolation::EndReason::kCrashed, 0, 11, -1, 0};
};

TEST_F(SupervisorSealingTest, RecordsTheReleaseForEveryStart) {
  Begin();
  Client client = Connected();
  const auto worker = Serving(client, "a");
  compartments_.EndBy(*worker, kCrash);
  compartments_.TakeStart();
  const auto released = Released();
  ASSERT_EQ(released.size(), 2U);
  EXPECT_EQ(released[1].worker, "a");
  EXPECT_EQ(released[1].model, kModel);
}

TEST_F(SupervisorSealingTest, StartsNothingThatIsAnotherFileThanWasAskedFor) {
  Begin();
  Client client = Connected();
  node::Launch launch = ALaunch("a");
  const base::UniqueFd file = SealedBy(client, {kModel.tenant, kModel.model, 2});
  ASSERT_TRUE(LaunchFile(client, launch, file).ok());
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kFailed);
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->code, Code::kCorrupt);
  EXPECT_THAT(ended.error->detail, HasSubstr("m version 2 of tenant tenantA000000001 instead"));
}

TEST_F(SupervisorSealingTest, ServesOnWhileTheProviderIsDownAndStartsAgainLater) {
  options_.rules.backoff.failures_max = 1'000'000;
  Begin();
  Client client = Connected();
  const auto serving = Serving(client, "serving");
  const base::UniqueFd file = SealedBy(client, kModel);
  keys_.SetDown(true);
  ASSERT_TRUE(LaunchFile(client, ALaunch("a"), file).ok());
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kBackingOff);
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->code, Code::kUnavailable);
  EXPECT_EQ(client.List(kTestPatience).value().at(1).phase, Phase::kReady);
  keys_.SetDown(false);
  compartments_.TakeStart()->SayReady();
  EXPECT_TRUE(client.WaitUntilReady("a", kTestPatience).ok());
}

TEST_F(SupervisorSealingTest, AnswersAndEndsWorkersWhileTheProviderIsSilent) {
  Begin();
  Client client = Connected();
  const auto serving = Serving(client, "serving");
  const base::UniqueFd file = SealedBy(client, kModel);
  keys_.Hold();
  ASSERT_TRUE(LaunchFile(client, ALaunch("a"), file).ok());
  EXPECT_EQ(client.List(kTestPatience).value().size(), 2U);
  // The one that waits for its key is ended without it.
  EXPECT_TRUE(client.Destroy("a", kTestPatience).ok());
  EXPECT_EQ(EndOf(client, "a").phase, Phase::kEnded);
  EXPECT_TRUE(client.Destroy("serving", kTestPatience).ok());
  EXPECT_EQ(EndOf(client, "serving").phase, Phase::kEnded);
  keys_.Release();
  StopNow();
  EXPECT_EQ(devices_.held(), 0U);
}

TEST_F(SupervisorSealingTest, GivesUpAStartWhoseKeyDoesNotCome) {
  options_.rules.unseal_timeout = milliseconds(1);
  Begin();
  Client client = Connected();
  const base::UniqueFd file = SealedBy(client, kModel);
  keys_.Hold();
  ASSERT_TRUE(LaunchFile(client, ALaunch("a"), file).ok());
  const Ended ended = EndOf(client, "a");
  EXPECT_EQ(ended.phase, Phase::kBackingOff);
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->code, Code::kUnavailable);
  EXPECT_THAT(ended.error->detail, HasSubstr("not unsealed in time"));
}

TEST_F(SupervisorSealingTest, EndsTheWorkersOfARevokedTenantAndStartsNoneOfIt) {
  Begin();
  Client client = Connected();
  Serving(client, "a");
  const base::UniqueFd file = SealedBy(client, kModel);
  Client other = Connected();
  EXPECT_TRUE(other.Key(KeyAction::kRevoke, kModel.tenant, kTestPatience).value().revoked);
  EXPECT_EQ(EndOf(client, "a").phase, Phase::kEnded);
  ASSERT_TRUE(LaunchFile(client, ALaunch("b"), file).ok());
  const Ended ended = EndOf(client, "b");
  EXPECT_EQ(ended.phase, Phase::kFailed);
  EXPECT_EQ(ended.error->code, Code::kDenied);
  EXPECT_FALSE(other.Key(KeyAction::kRestore, kModel.tenant, kTestPatience).value().revoked);
  ASSERT_TRUE(client.Restart("b", kTestPatience).ok());
  compartments_.TakeStart()->SayReady();
  EXPECT_TRUE(client.WaitUntilReady("b", kTestPatience).ok());
}

TEST_F(SupervisorSealingTest, EndsTheWorkersOfADestroyedKeyAndNoOthers) {
  Begin();
  Client client = Connected();
  Serving(client, "a");
  node::Launch launch = ALaunch("b");
  launch.model.tenant = "tenantB000000001";
  ASSERT_TRUE(LaunchAs(client, launch).ok());
  compartments_.TakeStart()->SayReady();
  ASSERT_TRUE(client.WaitUntilReady("b", kTestPatience).ok());
  EXPECT_FALSE(client.Key(KeyAction::kDestroy, kModel.tenant, kTestPatience).value().exists);
  EXPECT_EQ(EndOf(client, "a").phase, Phase::kEnded);
  const auto workers = client.List(kTestPatience).value();
  ASSERT_EQ(workers.size(), 1U);
  EXPECT_EQ(workers[0].name, "b");
  EXPECT_EQ(client.Key(KeyAction::kDestroy, kModel.tenant, kTestPatience).error().code,
            Code::kNotFound);
}

TEST_F(SupervisorSealingTest, RewrapsAFileForItsClient) {
  Begin();
  Client client = Connected();
  const base::UniqueFd file = SealedBy(client, kModel);
  EXPECT_EQ(client.Key(KeyAction::kRotate, kModel.tenant, kTestPatience).value().newest, 2U);
  const auto header = client.Rewrap(kModel, file.get(), kTestPatience);
  ASSERT_TRUE(header.ok()) << header.error().detail;
  EXPECT_EQ(::pwrite(file.get(), header.value().data(), header.value().size(), 0),
            static_cast<ssize_t>(header.value().size()));
  EXPECT_EQ(client.Key(KeyAction::kEndOldVersions, kModel.tenant, kTestPatience).value().oldest,
            2U);
  ASSERT_TRUE(LaunchFile(client, ALaunch("a"), file).ok());
  EXPECT_EQ(ContentOf(compartments_.TakeStart()->weights.get()), "the model");
}

TEST_F(SupervisorSealingTest, DescribesAKeyThatIsNotThereYet) {
  Begin();
  Client client = Connected();
  const auto status = client.Key(KeyAction::kDescribe, kModel.tenant, kTestPatience);
  ASSERT_TRUE(status.ok());
  EXPECT_FALSE(status.value().exists);
  EXPECT_EQ(status.value().key.key, "ttenant-a000000001");
}

}  // namespace
}  // namespace bulkhead::node
