// SPDX-License-Identifier: Apache-2.0
#include "node/launch_plan.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "device/profile_text.h"
#include "node/node_protocol.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;
using device::Tier;

constexpr std::string_view kCores = "cpu:";

base::Status CheckTier(const Launch& launch, Tier tier, std::string_view because) {
  if (std::ranges::find(launch.tiers, tier) != launch.tiers.end()) return base::Ok();
  std::string allowed;
  for (const Tier one : launch.tiers) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(device::TierName(one));
  }
  return OperatorError(Code::kDenied,
                       fmt::format("{} would run in the tier {}{}, and its tenant's policy "
                                   "allows {}",
                                   launch.name, device::TierName(tier), because, allowed));
}

base::Result<PartitionsWanted> PlanCores(const Launch& launch) {
  if (!launch.cores.empty() || launch.device_id || launch.start) {
    return OperatorError(Code::kInvalid, launch.profile +
                                             " is of cores: it has no cores beside "
                                             "it, and no place on a GPU");
  }
  BH_TRY(CheckTier(launch, Tier::kCpu, ""));
  return PartitionsWanted{{.profile = launch.profile}, {}};
}

}  // namespace

base::Result<NodeGpus> DescribeGpus(const NodeDevices& devices) {
  NodeGpus gpus;
  if (devices.gpus == nullptr) return gpus;
  BH_ASSIGN(const std::vector<device::Device> listed, devices.gpus->List());
  for (const device::Device& device : listed) {
    if (!device.gpu) continue;
    gpus.simulated = gpus.simulated || device.simulated;
    const std::string& name = device.gpu->gpu.model.name;
    const bool known = std::ranges::find(gpus.models, name) != gpus.models.end();
    if (!known && gpus.models.size() < kGpuModelsMax) gpus.models.push_back(name);
  }
  return gpus;
}

base::Result<PartitionsWanted> PlanPartitions(const Launch& launch, const NodeDevices& devices) {
  if (launch.profile.starts_with(kCores)) return PlanCores(launch);
  if (devices.gpus == nullptr) {
    return OperatorError(
        Code::kUnsupported,
        fmt::format("\"{}\" is no profile of cores (cpu:2c4g), and this node has no GPUs: deploy "
                    "on cores, or start it with --devices nvml: where GPUs are, or with "
                    "--devices sim:a100 for simulated ones",
                    launch.profile));
  }
  if (launch.cores.empty()) {
    return OperatorError(Code::kInvalid, "a launch on a GPU names the cores beside it");
  }
  BH_ASSIGN(const NodeGpus gpus, DescribeGpus(devices));
  Tier tier = device::TierOfProfile(launch.profile);
  if (gpus.simulated) tier = Tier::kCpu;
  BH_TRY(CheckTier(launch, tier,
                   gpus.simulated ? " (the GPUs here are simulated, so it runs on cores)" : ""));
  return PartitionsWanted{{.profile = launch.cores},
                          device::PartitionRequest{launch.profile, launch.device_id, launch.start}};
}

Place PlaceOf(const HeldPartitions& held) {
  const device::Partition& named = held.named();
  Place place;
  place.partition_id = named.id;
  place.device_id = named.device_id;
  place.profile = named.profile;
  place.start = named.start;
  if (held.gpu) place.cores = held.cores.profile;
  place.tier = PartitionForWorker(held).tier;
  place.simulated = named.simulated;
  return place;
}

}  // namespace bulkhead::node
