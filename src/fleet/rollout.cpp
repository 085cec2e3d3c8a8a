// SPDX-License-Identifier: Apache-2.0
#include "fleet/rollout.h"

#include <algorithm>
#include <utility>

namespace bulkhead::fleet {

uint32_t ReplicaSet::ready() const {
  return static_cast<uint32_t>(
      std::ranges::count_if(replicas, [](const auto& replica) { return replica->ready(); }));
}

const base::Error* ReplicaSet::failure() const {
  for (const auto& replica : replicas) {
    if (replica->failure()) return &*replica->failure();
  }
  return nullptr;
}

Rollout::Rollout(FleetContext& context, std::vector<std::shared_ptr<Replica>>& retired)
    : context_(context), retired_(retired), queue_(context.parts.io) {}

void Rollout::Retire() {
  Retire(target_, false);
  Retire(serving_, true);
}

// --- What is wanted -----------------------------------------------------------------------------

bool Rollout::IsDesired(const ReplicaSet& set) const {
  return set.version == desired_.version && set.profile == desired_.profile;
}

void Rollout::Set(const DesiredDeployment& desired) {
  const bool same_set = desired.version == desired_.version && desired.profile == desired_.profile;
  if (!same_set || desired.tiers != desired_.tiers || !desired.loaded) target_failure_.reset();
  desired_ = desired;
  for (const auto& replica : Replicas()) replica->SetTiers(desired.tiers);
  if (!desired_.loaded) {
    Retire();
  } else if (!target_failure_) {
    Start();
  } else if (serving_) {
    Resize(*serving_, OnFailure::kRetry);
  }
  Settle();
}

void Rollout::Start() {
  if (target_ && !IsDesired(*target_)) Retire(target_, false);
  if (serving_ && IsDesired(*serving_)) {
    Retire(target_, false);
    return Resize(*serving_, OnFailure::kRetry);
  }
  if (target_) return Resize(*target_, OnFailure::kStop);
  // Nothing is lost with a version that never served.
  if (serving_ && !serving_->was_ready && serving_->ready() == 0) Retire(serving_, false);
  if (serving_) {
    target_ = MakeSet(OnFailure::kStop);
  } else {
    serving_ = MakeSet(OnFailure::kRetry);
  }
}

void Rollout::TryAgain() {
  if (!desired_.loaded) return;
  for (const auto& replica : Replicas()) replica->TryAgain();
  if (!std::exchange(target_failure_, std::nullopt)) return;
  Start();
  Settle();
}

// --- Replicas -----------------------------------------------------------------------------------

std::shared_ptr<Replica> Rollout::Add(uint32_t index, OnFailure on_failure) {
  WorkerPlan plan{desired_.id,      desired_.tenant, desired_.model, desired_.version,
                  desired_.profile, index,           desired_.tiers, desired_.cores};
  auto replica =
      std::make_shared<Replica>(std::move(plan), on_failure, context_, [this] { queue_.Pump(); });
  replica->Begin();
  return replica;
}

ReplicaSet Rollout::MakeSet(OnFailure on_failure) {
  ReplicaSet set{desired_.version, desired_.profile, {}, false};
  Resize(set, on_failure);
  return set;
}

void Rollout::Resize(ReplicaSet& set, OnFailure on_failure) {
  if (!IsDesired(set)) return;
  while (set.replicas.size() > desired_.replicas) {
    retired_.push_back(std::move(set.replicas.back()));
    set.replicas.pop_back();
    retired_.back()->Drain();
  }
  while (set.replicas.size() < desired_.replicas) {
    set.replicas.push_back(Add(static_cast<uint32_t>(set.replicas.size()), on_failure));
  }
}

void Rollout::Retire(std::optional<ReplicaSet>& set, bool drain) {
  if (!set) return;
  // Out of the queue first: a worker that drains is given no more calls.
  const ReplicaSet retired = *std::exchange(set, std::nullopt);
  ServeReady();
  for (const auto& replica : retired.replicas) {
    retired_.push_back(replica);
    if (drain) {
      replica->Drain();
    } else {
      replica->End();
    }
  }
}

// --- Moving on ----------------------------------------------------------------------------------

void Rollout::Settle() {
  if (target_) {
    const auto& replicas = target_->replicas;
    if (target_->ready() == replicas.size()) {
      Promote();
    } else if (std::ranges::any_of(replicas, [](const auto& one) { return one->down(); })) {
      GiveUpTarget();
    }
  }
  if (serving_ && serving_->ready() > 0) serving_->was_ready = true;
  ServeReady();
}

void Rollout::Promote() {
  std::optional<ReplicaSet> old = std::exchange(serving_, std::exchange(target_, std::nullopt));
  for (const auto& replica : serving_->replicas) replica->SetOnFailure(OnFailure::kRetry);
  ServeReady();
  Retire(old, true);
}

void Rollout::GiveUpTarget() {
  const base::Error* failure = target_->failure();
  target_failure_ = failure != nullptr
                        ? *failure
                        : base::OperatorError(base::Code::kUnavailable, "a replica failed");
  Retire(target_, false);
}

void Rollout::ServeReady() {
  std::vector<RoutedWorker> workers;
  if (serving_) {
    for (const auto& replica : serving_->replicas) {
      if (replica->ready()) workers.push_back(replica->Routed());
    }
  }
  queue_.Serve(std::move(workers), context_.rules.waiting_per_replica_max * desired_.replicas);
}

// --- What it says -------------------------------------------------------------------------------

bool Rollout::Knows(tenant::Version version) const {
  return version == desired_.version || (serving_ && serving_->version == version);
}

const channel::Hello* Rollout::hello() const {
  return queue_.workers().empty() ? nullptr : queue_.workers().front().link->hello();
}

std::vector<std::shared_ptr<Replica>> Rollout::Replicas() const {
  std::vector<std::shared_ptr<Replica>> all;
  for (const auto& set : {&serving_, &target_}) {
    if (*set) all.insert(all.end(), (*set)->replicas.begin(), (*set)->replicas.end());
  }
  return all;
}

DeploymentState Rollout::Describe() const {
  DeploymentState state;
  state.id = desired_.id;
  state.tenant = desired_.tenant;
  state.model = desired_.model;
  state.waiting = queue_.waiting();
  state.phase = DeploymentPhase::kUnloaded;
  const bool serves = !queue_.workers().empty();
  if (serves) state.serving_version = queue_.workers().front().version;
  if (!desired_.loaded) return state;
  state.target_version = desired_.version;
  state.replicas_wanted = desired_.replicas;
  state.phase = DeploymentPhase::kStarting;
  const ReplicaSet* set = target_ ? &*target_ : nullptr;
  if (serving_ && IsDesired(*serving_)) set = &*serving_;
  if (set == nullptr) {
    state.phase = DeploymentPhase::kFailed;
    state.reason = target_failure_;
    return state;
  }
  state.replicas_ready = set->ready();
  const base::Error* failure = set->failure();
  if (failure != nullptr) state.reason = *failure;
  if (set == (serving_ ? &*serving_ : nullptr)) {
    if (serves) state.phase = DeploymentPhase::kReady;
    if (!serves && failure != nullptr) state.phase = DeploymentPhase::kFailed;
  }
  return state;
}

}  // namespace bulkhead::fleet
