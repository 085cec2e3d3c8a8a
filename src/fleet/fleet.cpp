// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include <map>
#include <set>
#include <utility>

#include <boost/asio/post.hpp>

#include "fleet/rollout.h"

namespace bulkhead::fleet {
namespace {

using base::Code;

// The same for what is not there and for what is another tenant's.
base::Error NoSuchModel() { return base::PublicError(Code::kNotFound, "there is no such model"); }

}  // namespace

class Fleet::State : public std::enable_shared_from_this<Fleet::State> {
 public:
  State(FleetParts parts, const FleetRules& rules)
      : context_{std::move(parts), rules, [this] { SettleSoon(); }} {}

  void Set(const std::vector<DesiredDeployment>& desired) {
    std::set<tenant::DeploymentId> wanted;
    for (const DesiredDeployment& one : desired) wanted.insert(one.id);
    std::erase_if(rollouts_, [&](const auto& entry) {
      if (wanted.contains(entry.first)) return false;
      entry.second->Retire();
      return true;
    });
    by_name_.clear();
    for (const DesiredDeployment& one : desired) {
      auto& rollout = rollouts_[one.id];
      if (!rollout) rollout = std::make_unique<Rollout>(context_, retired_);
      rollout->Set(one);
      by_name_[{one.tenant, one.model}] = rollout.get();
    }
  }

  Rollout* Find(const tenant::DeploymentId& id) const {
    const auto found = rollouts_.find(id);
    return found == rollouts_.end() ? nullptr : found->second.get();
  }

  Rollout* Find(const tenant::TenantId& tenant, const tenant::ModelName& model) const {
    const auto found = by_name_.find({tenant, model});
    return found == by_name_.end() ? nullptr : found->second;
  }

  base::Result<Rollout*> Find(const tenant::TenantId& tenant, const tenant::ModelName& model,
                              std::optional<tenant::Version> version) const {
    Rollout* rollout = Find(tenant, model);
    if (rollout == nullptr || (version && !rollout->Knows(*version))) return NoSuchModel();
    return rollout;
  }

  void Hear(NodeEvent event) {
    std::visit([this](auto&& one) { On(std::move(one)); }, std::move(event));
  }

  [[nodiscard]] const auto& rollouts() const { return rollouts_; }
  [[nodiscard]] const WorkerEnds& ends() const { return context_.ends; }
  [[nodiscard]] const node::NodeGpus& gpus() const { return context_.gpus; }

  // Those of deployments, in their order, then those that are on their way out.
  [[nodiscard]] std::vector<std::shared_ptr<Replica>> Replicas() const {
    std::vector<std::shared_ptr<Replica>> all;
    for (const auto& [id, rollout] : rollouts_) {
      for (auto& replica : rollout->Replicas()) all.push_back(std::move(replica));
    }
    all.insert(all.end(), retired_.begin(), retired_.end());
    return all;
  }

 private:
  void On(NodeUp up) {
    context_.gpus = std::move(up.gpus);
    Log(context_.gpus.simulated
            ? "the node is connected; its GPUs are simulated, and workers run on cores alone"
            : "the node is connected");
    context_.node_up = true;
    for (const auto& replica : Replicas()) replica->HearNodeUp();
  }

  void On(NodeDown down) {
    Log((context_.node_up ? "the node is gone: " : "no node answers yet: ") + down.error.detail);
    context_.node_up = false;
    for (const auto& replica : Replicas()) replica->HearNodeDown();
  }

  void On(LaunchRefused refused) { Tell(std::move(refused), std::string(refused.name)); }
  void On(OrderRefused refused) { Tell(std::move(refused), std::string(refused.name)); }
  void On(node::Ended ended) { Tell(std::move(ended), std::string(ended.name)); }
  void On(node::ReadyWorker ready) {
    const std::string name = ready.about.name;
    if (Tell(std::move(ready), name)) return;
    // Its launch was given up while the node did not answer.
    context_.parts.send(OrderWorker{node::Order::kDestroy, name});
  }

  template <typename Event>
  bool Tell(Event&& event, const std::string& name) {
    for (const auto& replica : Replicas()) {
      if (replica->name() != name) continue;
      replica->Hear(std::forward<Event>(event));
      return true;
    }
    return false;
  }

  void SettleSoon() {
    if (settling_) return;
    settling_ = true;
    boost::asio::post(context_.parts.io, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Settle();
    });
  }

  void Settle() {
    settling_ = false;
    for (const auto& [id, rollout] : rollouts_) rollout->Settle();
    std::erase_if(retired_, [](const auto& replica) { return replica->gone(); });
  }

  void Log(const std::string& line) const {
    if (context_.parts.log) context_.parts.log(line);
  }

  FleetContext context_;
  bool settling_ = false;
  std::vector<std::shared_ptr<Replica>> retired_;
  std::map<tenant::DeploymentId, std::unique_ptr<Rollout>> rollouts_;
  std::map<std::pair<tenant::TenantId, tenant::ModelName>, Rollout*> by_name_;
};

Fleet::Fleet(FleetParts parts, const FleetRules& rules)
    : state_(std::make_shared<State>(std::move(parts), rules)) {}

Fleet::~Fleet() = default;

void Fleet::Set(const std::vector<DesiredDeployment>& desired) { state_->Set(desired); }

void Fleet::TryAgain(const tenant::DeploymentId& id) {
  if (Rollout* rollout = state_->Find(id)) rollout->TryAgain();
}

void Fleet::Hear(NodeEvent event) { state_->Hear(std::move(event)); }

async::Task<base::Result<Lease>> Fleet::Route(RouteRequest request, async::CancelToken cancel) {
  const auto rollout = state_->Find(request.tenant, request.model, request.version);
  if (!rollout.ok()) co_return rollout.error();
  co_return co_await rollout.value()->queue().Take(request, std::move(cancel));
}

base::Result<std::optional<Lease>> Fleet::RouteNow(const RouteRequest& request) {
  BH_ASSIGN(Rollout * rollout, state_->Find(request.tenant, request.model, request.version));
  return rollout->queue().TakeNow(request);
}

base::Result<const channel::Hello*> Fleet::Describe(const tenant::TenantId& tenant,
                                                    const tenant::ModelName& model,
                                                    std::optional<tenant::Version> version) const {
  BH_ASSIGN(Rollout * rollout, state_->Find(tenant, model, version));
  const auto state = rollout->Describe();
  const channel::Hello* hello = rollout->hello();
  if (hello == nullptr || (version && state.serving_version != version)) {
    return base::PublicError(Code::kUnavailable, "the model is not ready");
  }
  return hello;
}

std::vector<DeploymentState> Fleet::Deployments() const {
  std::vector<DeploymentState> all;
  for (const auto& [id, rollout] : state_->rollouts()) all.push_back(rollout->Describe());
  return all;
}

std::optional<DeploymentState> Fleet::Find(const tenant::TenantId& tenant,
                                           const tenant::ModelName& model) const {
  const Rollout* rollout = state_->Find(tenant, model);
  if (rollout == nullptr) return std::nullopt;
  return rollout->Describe();
}

const WorkerEnds& Fleet::ends() const { return state_->ends(); }
const node::NodeGpus& Fleet::gpus() const { return state_->gpus(); }

std::vector<WorkerState> Fleet::Workers() const {
  std::vector<WorkerState> all;
  for (const auto& replica : state_->Replicas()) {
    if (!replica->gone()) all.push_back(replica->Describe());
  }
  return all;
}

}  // namespace bulkhead::fleet
