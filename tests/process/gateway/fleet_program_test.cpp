// SPDX-License-Identifier: Apache-2.0
// What the gateway promises to whoever deploys a model, with the real node and real workers.
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.h"
#include "compartment/weights.h"
#include "fleet/fleet.h"
#include "fleet/node_link.h"
#include "fleet/test_worker.h"
#include "node_program.h"

namespace bulkhead {
namespace {

using fleet::DeploymentPhase;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
const tenant::TenantId kTenant{"tenantA000000001"};
const tenant::ModelName kModel{"bolts"};

class FleetProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    StartNode();
    auto picture = base::ReadFile(BULKHEAD_SOURCE_DIR "/tests/fuzz/corpus/image_decode/rgb444.jpg",
                                  kFileBytesMax);
    ASSERT_TRUE(picture.ok());
    picture_ = std::make_shared<std::vector<std::byte>>(std::move(picture).value());
    fleet::FleetRules rules;
    rules.optional_layers = MissingLayers();
    rules.retry_first = std::chrono::milliseconds(10);
    fleet::FleetParts parts{io_,
                            [this](tenant::TenantId, tenant::ModelName, tenant::Version version) {
                              return OpenModel(version);
                            },
                            [this](fleet::NodeCommand command) { link_->Send(std::move(command)); },
                            [this](std::string_view line) { log_ += std::string(line) + '\n'; }};
    fleet_ = std::make_unique<fleet::Fleet>(std::move(parts), rules);
    link_ = std::make_unique<fleet::NodeLink>(
        home_.socket(), io_, [this](fleet::NodeEvent event) { fleet_->Hear(std::move(event)); });
  }

  void StartNode() {
    node_.emplace(home_, std::vector<std::string>{"--restart-wait", "1"});
    ASSERT_TRUE(node_->Serves()) << node_->Log();
  }

  async::Task<base::Result<base::UniqueFd>> OpenModel(tenant::Version version) {
    const auto model =
        compartment::LoadWeights(BULKHEAD_TEST_DATA "/onnx/" + files_.at(version), kFileBytesMax);
    if (!model.ok()) co_return model.error();
    auto client = node::Client::Connect(home_.socket(), kPatience);
    if (!client.ok()) co_return client.error();
    const seal::SealedName name{kTenant.text, kModel.text, version};
    co_return SealModel(client.value(), name, model.value());
  }

  void Deploy(tenant::Version version) {
    fleet_->Set({{.id = {"DeploymentAbcdef"},
                  .tenant = kTenant,
                  .model = kModel,
                  .version = version,
                  .profile = "cpu:1c512m",
                  .tiers = {device::Tier::kCpu}}});
  }

  fleet::DeploymentState State() { return fleet_->Deployments().at(0); }

  // Of the version that was asked for last.
  void RunUntilPhase(DeploymentPhase phase) {
    fleet::RunUntil(io_, [&] { return State().phase == phase; });
    EXPECT_EQ(State().phase, phase) << log_ << node_->Log();
  }

  // One picture through whatever serves: how many objects were seen, or the failure.
  async::Task<base::Result<int>> See() {
    fleet::RouteRequest request{kTenant, kModel, {}, {}};
    auto lease = co_await fleet_->Route(std::move(request), {});
    if (!lease.ok()) co_return lease.error();
    fleet::DetectCall call;
    call.encoded = *picture_;
    call.owner = picture_;
    auto reply = co_await lease.value().Detect(std::move(call), {});
    if (!reply.ok()) co_return reply.error();
    served_.push_back(lease.value().version());
    co_return static_cast<int>(reply.value().result.detections.size());
  }

  void ExpectBolts() {
    const auto seen = fleet::Start(io_, See());
    fleet::RunUntil(io_, [&] { return seen->has_value(); });
    ASSERT_TRUE(*seen);
    ASSERT_TRUE((*seen)->ok()) << (*seen)->error().detail << "\n" << log_;
    EXPECT_EQ((*seen)->value(), 2);
  }

  const StateHome home_;
  std::map<tenant::Version, std::string> files_{
      {1, "two_bolts.onnx"}, {2, "dynamic_batch.onnx"}, {3, "not_yolo.onnx"}};
  std::optional<NodeProgram> node_;
  std::shared_ptr<std::vector<std::byte>> picture_;
  std::string log_;
  std::vector<tenant::Version> served_;  // of each call that was answered
  boost::asio::io_context io_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<fleet::NodeLink> link_;
};

TEST_F(FleetProgramTest, ReplacesAVersionWithoutFailingACall) {
  Deploy(1);
  RunUntilPhase(DeploymentPhase::kReady);
  ExpectBolts();
  Deploy(2);
  while (!HasFailure() && State().serving_version != 2U) ExpectBolts();
  ExpectBolts();
  EXPECT_EQ(served_.front(), 1U);
  EXPECT_EQ(served_.back(), 2U);
  fleet::RunUntil(io_, [&] { return fleet_->Workers().size() == 1; });
  EXPECT_THAT(node_->Workers(), SizeIs(1));
}

TEST_F(FleetProgramTest, ServesOnWhenANewVersionIsNoModelOfOurs) {
  Deploy(1);
  RunUntilPhase(DeploymentPhase::kReady);
  Deploy(3);
  RunUntilPhase(DeploymentPhase::kFailed);
  EXPECT_EQ(State().serving_version, 1U);
  EXPECT_TRUE(State().reason);
  ExpectBolts();
}

TEST_F(FleetProgramTest, ServesAgainAfterItsWorkerWasKilled) {
  Deploy(1);
  RunUntilPhase(DeploymentPhase::kReady);
  ASSERT_THAT(node_->Workers(), SizeIs(1));
  EXPECT_TRUE(KillAndWait(node_->Workers().at(0)));
  fleet::RunUntil(io_, [&] { return fleet_->Workers().at(0).starts == 2; });
  RunUntilPhase(DeploymentPhase::kReady);
  ExpectBolts();
}

TEST_F(FleetProgramTest, ServesAgainAfterItsNodeWasReplaced) {
  Deploy(1);
  RunUntilPhase(DeploymentPhase::kReady);
  node_->Signal(SIGTERM);
  EXPECT_EQ(node_->End(), 0);
  fleet::RunUntil(io_, [&] { return State().phase != DeploymentPhase::kReady; });
  StartNode();
  RunUntilPhase(DeploymentPhase::kReady);
  ExpectBolts();
}

TEST_F(FleetProgramTest, LeavesNothingOfWhatIsDeployedNoMore) {
  Deploy(1);
  RunUntilPhase(DeploymentPhase::kReady);
  fleet_->Set({});
  fleet::RunUntil(io_, [&] { return fleet_->Workers().empty(); });
  EXPECT_THAT(node_->Workers(), IsEmpty());
}

}  // namespace
}  // namespace bulkhead
