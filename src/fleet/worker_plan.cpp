// SPDX-License-Identifier: Apache-2.0
#include "fleet/worker_plan.h"

#include <algorithm>
#include <utility>

#include "device/cpu_profile.h"

namespace bulkhead::fleet {
namespace {

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string WorkerName(const WorkerPlan& plan, uint64_t number) {
  std::string name = plan.deployment.text;
  std::ranges::transform(name, name.begin(), LowerCase);
  return name + "-v" + std::to_string(plan.version) + "-r" + std::to_string(plan.replica) + "-" +
         std::to_string(number);
}

base::Result<channel::Setup> PlanSetup(const WorkerPlan& plan, const node::NodeGpus& gpus,
                                       const FleetRules& rules) {
  channel::Setup setup;
  const bool on_cores = plan.profile.starts_with("cpu:");
  BH_ASSIGN(const device::CpuProfile cpu,
            device::ParseCpuProfile(on_cores ? plan.profile : plan.cores));
  setup.threads = cpu.cores;
  if (!on_cores && !gpus.simulated) setup.provider = "cuda";
  setup.batch_max = rules.batch_max;
  setup.batch_wait = rules.batch_wait;
  setup.frames_in_flight_max = rules.frames_in_flight_max;
  return setup;
}

node::Launch PlanLaunch(const WorkerPlan& plan, std::string name, const FleetRules& rules) {
  node::Launch launch;
  launch.name = std::move(name);
  launch.model = {plan.tenant.text, plan.model.text, plan.version};
  launch.profile = plan.profile;
  if (!plan.profile.starts_with("cpu:")) launch.cores = plan.cores;
  launch.tiers = plan.tiers;
  launch.optional_layers = rules.optional_layers;
  launch.start_timeout = rules.start_timeout;
  launch.drain_timeout = rules.drain_timeout;
  return launch;
}

}  // namespace bulkhead::fleet
