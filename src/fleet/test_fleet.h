// SPDX-License-Identifier: Apache-2.0
// A fleet whose node and workers are played by the test.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel/setup.h"
#include "fleet/fleet.h"
#include "fleet/test_worker.h"

namespace bulkhead::fleet {

class FleetTest : public testing::Test {
 protected:
  FleetTest() { rules_.retry_first = rules_.retry_last = std::chrono::milliseconds(1); }

  void Open() {
    FleetParts parts{
        io_,
        [this](tenant::TenantId tenant, tenant::ModelName model, tenant::Version version) {
          return OpenModel(std::move(tenant), std::move(model), version);
        },
        [this](NodeCommand command) { sent_.push_back(std::move(command)); },
        [this](std::string_view line) { log_ += std::string(line) + '\n'; }};
    fleet_ = std::make_unique<Fleet>(std::move(parts), rules_);
  }

  void OpenWithNode() {
    Open();
    Hear(NodeUp{});
  }

  static DesiredDeployment ADeployment(tenant::Version version = 1, uint32_t replicas = 1) {
    return {.id = {"DeploymentAbcdef"},
            .tenant = {"tenant-a"},
            .model = {"plates"},
            .version = version,
            .profile = "cpu:2c4g",
            .replicas = replicas,
            .tiers = {device::Tier::kCpu}};
  }

  void Set(const std::vector<DesiredDeployment>& desired) {
    fleet_->Set(desired);
    RunReady(io_);
  }

  void Hear(NodeEvent event) {
    fleet_->Hear(std::move(event));
    RunReady(io_);
  }

  // --- The node's part ---

  bool Silent() {
    RunReady(io_);
    return sent_.empty();
  }

  // The next command, which must be a launch; its name.
  std::string NextLaunch() {
    RunUntil(io_, [&] { return !sent_.empty(); });
    auto* launch = sent_.empty() ? nullptr : std::get_if<LaunchWorker>(&sent_.front());
    if (launch == nullptr) {
      ADD_FAILURE() << "nothing was launched";
      return "";
    }
    launched_ = std::move(*launch);
    sent_.pop_front();
    return launched_.launch.name;
  }

  // The next command, which must be an order: "drain NAME", "destroy NAME".
  std::string NextOrder() {
    RunUntil(io_, [&] { return !sent_.empty(); });
    const auto* order = sent_.empty() ? nullptr : std::get_if<OrderWorker>(&sent_.front());
    if (order == nullptr) {
      ADD_FAILURE() << "nothing was ordered";
      return "";
    }
    const std::string text =
        (order->order == node::Order::kDrain ? "drain " : "destroy ") + order->name;
    sent_.pop_front();
    return text;
  }

  // The worker is ready, its Hello has not come.
  PlayedWorker& SayReady(const std::string& name, device::Tier tier = device::Tier::kCpu,
                         int starts = 1) {
    PlayedWorker& played = workers_[name + "/" + std::to_string(starts)];
    node::ReadyWorker ready;
    ready.about.name = name;
    ready.about.starts = starts;
    ready.about.place.partition_id = "cpu-0";
    ready.about.place.tier = tier;
    ready.about.layers = {isolation::Layer::kSyscallFilter};
    ready.frames = played.TakeFrames();
    Hear(std::move(ready));
    return played;
  }

  PlayedWorker& BecomeReady(const std::string& name, int starts = 1) {
    PlayedWorker& played = SayReady(name, device::Tier::kCpu, starts);
    played.SayHello(1);
    RunReady(io_);
    return played;
  }

  void End(const std::string& name, node::Phase phase = node::Phase::kEnded,
           isolation::EndReason reason = isolation::EndReason::kCrashed) {
    node::Ended ended;
    ended.name = name;
    ended.phase = phase;
    ended.end = isolation::End{reason, 0, 11, -1, 0};
    Hear(std::move(ended));
  }

  // Deploys a version and lets it serve; its worker's name.
  std::string Serving(tenant::Version version = 1) {
    Set({ADeployment(version)});
    const std::string name = NextLaunch();
    BecomeReady(name);
    return name;
  }

  // --- The clients' part ---

  using Routed = Outcome<base::Result<Lease>>;

  Routed Route(std::optional<tenant::Version> version = {}, const std::string& tenant = "tenant-a",
               const std::string& model = "plates") {
    RouteRequest request{{tenant}, {model}, version, {}};
    auto routed = Start(io_, fleet_->Route(std::move(request), {}));
    RunReady(io_);
    return routed;
  }

  // Where a call would go: a worker's name, or how it fails.
  std::string Goes(std::optional<tenant::Version> version = {}) {
    const auto routed = Route(version);
    std::string where = "waits";
    if (*routed && (*routed)->ok()) where = (*routed)->value().worker();
    if (*routed && !(*routed)->ok()) where = base::CodeName((*routed)->error().code);
    return where;
  }

  DeploymentState State() { return fleet_->Deployments().at(0); }

  async::Task<base::Result<base::UniqueFd>> OpenModel(tenant::TenantId tenant,
                                                      tenant::ModelName model,
                                                      tenant::Version version) {
    if (model_error_) co_return *model_error_;
    base::UniqueFd file(::memfd_create("model", MFD_CLOEXEC));
    const std::string bytes = tenant.text + "/" + model.text + "/" + std::to_string(version);
    EXPECT_EQ(::pwrite(file.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    co_return file;
  }

  boost::asio::io_context io_;
  FleetRules rules_;
  std::deque<NodeCommand> sent_;
  LaunchWorker launched_;  // by the last NextLaunch
  std::map<std::string, PlayedWorker> workers_;
  std::optional<base::Error> model_error_;
  std::string log_;
  std::unique_ptr<Fleet> fleet_;
};

}  // namespace bulkhead::fleet
