// SPDX-License-Identifier: Apache-2.0
// What should run, and what does, as values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/tier.h"
#include "isolation/layer.h"
#include "tenant/records.h"

namespace bulkhead::fleet {

// A tenant::Deployment, and where its tenant lets it run.
struct DesiredDeployment {
  tenant::DeploymentId id;
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 1;
  std::string profile;
  uint32_t replicas = 1;
  bool loaded = true;
  std::vector<device::Tier> tiers;  // tenant::Policy
  std::string cores;                // beside a profile of a GPU
  friend bool operator==(const DesiredDeployment&, const DesiredDeployment&) = default;
};

// Of the version that was asked for last.
enum class DeploymentPhase : uint8_t {
  kStarting,
  kReady,     // it serves
  kFailed,    // it does not, and `reason` says why; an older one may
  kUnloaded,  // nothing runs, as was asked
};

// "STARTING", "READY", "FAILED", "UNLOADED"
std::string_view DeploymentPhaseName(DeploymentPhase phase);

struct DeploymentState {
  tenant::DeploymentId id;
  tenant::TenantId tenant;
  tenant::ModelName model;
  // The one that calls go to; none: no worker of it is ready, or nothing is loaded.
  std::optional<tenant::Version> serving_version;
  std::optional<tenant::Version> target_version;  // that was asked for; none: nothing is loaded
  DeploymentPhase phase = DeploymentPhase::kStarting;
  std::optional<base::Error> reason;  // the last failure that was not got over
  uint32_t replicas_wanted = 0;
  uint32_t replicas_ready = 0;  // of the target version
  std::size_t waiting = 0;      // calls for which no worker has room
};

// As operators know a worker's state.
enum class WorkerPhase : uint8_t {
  kStarting,
  kReady,
  kDraining,    // replaced: answers what it has
  kBackingOff,  // waits for its next start
  kFailed,      // down until the operator acts
};

// "starting", "ready", ...
std::string_view WorkerPhaseName(WorkerPhase phase);

// One worker, for `ps`. Partition, place, tier and layers are known once it was ready.
struct WorkerState {
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 0;
  std::string name;
  std::string profile;
  std::string partition;
  std::string device;        // that the partition is of: of a GPU its UUID
  std::optional<int> start;  // on its GPU
  std::string cores;         // beside a GPU
  bool simulated = false;    // the GPU does not exist, and the worker runs on its cores
  std::optional<device::Tier> tier;
  isolation::LayerSet layers;
  int starts = 0;
  std::size_t outstanding = 0;
  WorkerPhase phase = WorkerPhase::kStarting;
};

}  // namespace bulkhead::fleet
