// SPDX-License-Identifier: Apache-2.0
// What a worker is started with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "channel/messages.h"
#include "device/tier.h"
#include "fleet/fleet_parts.h"
#include "node/messages.h"
#include "tenant/records.h"

namespace bulkhead::fleet {

// One replica of one version of a deployment.
struct WorkerPlan {
  tenant::DeploymentId deployment;
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 1;
  std::string profile;
  uint32_t replica = 0;
  std::vector<device::Tier> tiers;  // where it may run
  std::string cores;                // beside a profile of a GPU
};

// "<deployment>-v<version>-r<replica>-<number>", the deployment's id in lower case: a name that the
// node takes (node/messages.h), as long as `number` is not used twice.
std::string WorkerName(const WorkerPlan& plan, uint64_t number);

// A thread for each of its cores. The network runs on the GPU where there is one, and on the cores
// where `gpus` are simulated. kInvalid: the profile of its cores is none.
base::Result<channel::Setup> PlanSetup(const WorkerPlan& plan, const node::NodeGpus& gpus,
                                       const FleetRules& rules);

node::Launch PlanLaunch(const WorkerPlan& plan, std::string name, const FleetRules& rules);

}  // namespace bulkhead::fleet
