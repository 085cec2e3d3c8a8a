// SPDX-License-Identifier: Apache-2.0
// One deployment: the replicas that serve, and those that are to take their place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fleet/deployment_state.h"
#include "fleet/fleet_parts.h"
#include "fleet/replica.h"
#include "fleet/route_queue.h"

namespace bulkhead::fleet {

// Replicas of one version on partitions of one profile.
struct ReplicaSet {
  tenant::Version version = 0;
  std::string profile;
  std::vector<std::shared_ptr<Replica>> replicas;
  bool was_ready = false;

  [[nodiscard]] uint32_t ready() const;
  // The first failure among them that was not got over.
  [[nodiscard]] const base::Error* failure() const;
};

// I/O thread. Replicas that it gives up are handed to `retired`, to be kept until they are gone.
class Rollout {
 public:
  Rollout(FleetContext& context, std::vector<std::shared_ptr<Replica>>& retired);
  Rollout(const Rollout&) = delete;
  Rollout& operator=(const Rollout&) = delete;

  // As Fleet::Set. The id, tenant and model stay what they were at first.
  void Set(const DesiredDeployment& desired);
  void TryAgain();
  // Drains and ends everything; the last that it is told.
  void Retire();
  // Looks at the replicas: moves traffic to a target that is ready, gives one up that failed.
  void Settle();

  // kNotFound is the caller's to tell from a version that serves or was asked for.
  [[nodiscard]] bool Knows(tenant::Version version) const;
  [[nodiscard]] RouteQueue& queue() { return queue_; }
  [[nodiscard]] const DesiredDeployment& desired() const { return desired_; }
  [[nodiscard]] const channel::Hello* hello() const;
  [[nodiscard]] DeploymentState Describe() const;
  [[nodiscard]] std::vector<std::shared_ptr<Replica>> Replicas() const;

 private:
  [[nodiscard]] bool IsDesired(const ReplicaSet& set) const;
  void Start();
  ReplicaSet MakeSet(OnFailure on_failure);
  void Resize(ReplicaSet& set, OnFailure on_failure);
  std::shared_ptr<Replica> Add(uint32_t index, OnFailure on_failure);
  void Promote();
  void GiveUpTarget();
  void Retire(std::optional<ReplicaSet>& set, bool drain);
  void ServeReady();

  FleetContext& context_;
  std::vector<std::shared_ptr<Replica>>& retired_;
  DesiredDeployment desired_;
  RouteQueue queue_;
  std::optional<ReplicaSet> serving_;
  std::optional<ReplicaSet> target_;
  std::optional<base::Error> target_failure_;  // of a target that was given up
};

}  // namespace bulkhead::fleet
