// SPDX-License-Identifier: Apache-2.0
#include "device/gpu_partitions.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "device/gpu_choice.h"
#include "device/gpu_description.h"
#include "device/gpu_faults.h"
#include "device/shared_profile.h"

namespace bulkhead::device {
namespace {

using base::Code;
using base::OperatorError;

constexpr int64_t kMebibyte = int64_t{1} << 20;

const mig::Profile& ProfileOf(const Gpu& gpu, const GpuInstance& instance) {
  return gpu.model.profiles[static_cast<std::size_t>(instance.profile)];
}

int64_t Bytes(uint64_t mebibytes) { return static_cast<int64_t>(mebibytes) * kMebibyte; }

base::Error NotHeld(const Partition& partition) {
  return OperatorError(Code::kNotFound, "partition " + partition.id + " is not held");
}

// What MPS is to hold a share to is only held by its control daemon, which nothing here runs.
base::Error RefuseShare(const PartitionRequest& request) {
  const auto profile = ParseSharedProfile(request.profile);
  if (!profile.ok()) return profile.error();
  return OperatorError(Code::kUnsupported,
                       request.profile +
                           ": GPUs are not shared by this node (tier soft: nothing runs MPS, which "
                           "would hold shares to their limits); take an instance as 1g.5gb, or gpu "
                           "for a whole one");
}

class GpuPartitions final : public DeviceBackend {
 public:
  GpuPartitions(std::shared_ptr<GpuDriver> driver, InstanceJournal journal,
                GpuPartitionsOptions options)
      : driver_(std::move(driver)),
        options_(std::move(options)),
        instances_(*driver_, std::move(journal), options_.wait) {}

  base::Status Recover() {
    return options_.recover ? instances_.Recover() : base::Status(base::Ok());
  }

  base::Result<std::vector<Device>> List() override;
  base::Result<Partition> Acquire(const PartitionRequest& request) override;
  base::Status Scrub(const Partition& partition) override;
  base::Status Release(const Partition& partition) override;
  base::Status MakeIdle(const PartitionRequest& place) override;
  base::Status RemoveIdle(const PartitionRequest& place) override;

 private:
  using Holdings = std::vector<Holding>;

  [[nodiscard]] std::vector<bool> Open(const std::vector<Gpu>& gpus) const;
  base::Result<Partition> AcquireWhole(const PartitionRequest& request,
                                       const std::vector<Gpu>& gpus);
  base::Result<Partition> AcquireInstance(const PartitionRequest& request, std::vector<Gpu> gpus);
  std::optional<uint64_t> FindIdle(const PartitionRequest& request, const std::vector<Gpu>& gpus);
  [[nodiscard]] base::Status CheckFence(const PartitionRequest& request) const;
  bool ClearWay(const PartitionRequest& request, const std::vector<Gpu>& gpus);
  base::Result<Partition> HoldInstance(uint64_t generation);
  base::Result<Partition> HoldMade(const GpuPlace& place, const std::vector<Gpu>& gpus);
  void Hold(Partition partition, const Gpu& gpu);

  base::Status TakeFaults();
  bool InUse(const std::string& gpu, const GpuInstance& instance);
  base::Status CheckIdle(const Partition& partition);
  [[nodiscard]] bool IsHeld(uint64_t generation) const;
  Holdings::iterator Find(const Partition& partition);

  std::shared_ptr<GpuDriver> driver_;
  GpuPartitionsOptions options_;
  OwnedInstances instances_;
  Holdings held_;
  std::map<std::string, std::string> fenced_;  // why, by GPU
};

bool GpuPartitions::IsHeld(uint64_t generation) const {
  return std::ranges::any_of(
      held_, [&](const Holding& holding) { return holding.partition.generation == generation; });
}

GpuPartitions::Holdings::iterator GpuPartitions::Find(const Partition& partition) {
  return std::ranges::find_if(held_, [&](const Holding& holding) {
    return holding.partition.id == partition.id &&
           holding.partition.generation == partition.generation;
  });
}

std::vector<bool> GpuPartitions::Open(const std::vector<Gpu>& gpus) const {
  std::vector<bool> open;
  for (const Gpu& gpu : gpus) open.push_back(!fenced_.contains(gpu.uuid));
  return open;
}

base::Result<std::vector<Device>> GpuPartitions::List() {
  // What cannot be asked for now is heard of before anything is handed out.
  (void)TakeFaults();
  BH_ASSIGN(const std::vector<Gpu> gpus, driver_->List());
  std::vector<Device> devices;
  for (const Gpu& gpu : gpus) {
    const auto fence = fenced_.find(gpu.uuid);
    devices.push_back(DescribeGpu(gpu, gpus, instances_, held_,
                                  fence == fenced_.end() ? std::string() : fence->second));
    if (!options_.simulated) continue;
    devices.back().name = "simulated " + devices.back().name;
    devices.back().simulated = true;
  }
  return devices;
}

base::Status GpuPartitions::TakeFaults() {
  BH_ASSIGN(const std::vector<GpuFault> faults, driver_->TakeFaults());
  for (const GpuFault& fault : faults) {
    const std::string text = device::Describe(fault);
    for (Holding& holding : held_) {
      const auto& instance = holding.partition.instance;
      const bool elsewhere =
          fault.gpu_instance && instance && instance->gpu_instance != *fault.gpu_instance;
      if (holding.partition.device_id == fault.gpu && !elsewhere) holding.fault = text;
    }
    if (!IsOfProgram(fault.code)) fenced_.try_emplace(fault.gpu, text);
  }
  return base::Ok();
}

base::Status GpuPartitions::CheckFence(const PartitionRequest& request) const {
  const auto fence = fenced_.find(request.device_id.value_or(std::string()));
  if (fence == fenced_.end()) return base::Ok();
  return OperatorError(
      Code::kUnavailable,
      fence->second + ": the GPU is fenced; have it looked at, then start the node again");
}

base::Result<Partition> GpuPartitions::Acquire(const PartitionRequest& request) {
  BH_TRY(TakeFaults());
  BH_ASSIGN(std::vector<Gpu> gpus, driver_->List());
  if (IsSharedProfile(request.profile)) return RefuseShare(request);
  BH_TRY(CheckRequest(request, gpus));
  BH_TRY(CheckFence(request));
  if (request.profile == kWholeGpu) return AcquireWhole(request, gpus);
  return AcquireInstance(request, std::move(gpus));
}

base::Result<Partition> GpuPartitions::AcquireWhole(const PartitionRequest& request,
                                                    const std::vector<Gpu>& gpus) {
  std::string why = "every GPU is cut (MIG is on)";
  const std::vector<bool> open = Open(gpus);
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const Gpu& gpu = gpus[i];
    if (!open[i] || !IsMeant(request, gpu)) continue;
    if (FindWholeGpu(held_, gpu.uuid) != nullptr) {
      why = "every whole GPU is held";
      continue;
    }
    if (!gpu.exclusive) {
      why = gpu.uuid + " takes many processes: nvidia-smi -c EXCLUSIVE_PROCESS";
      continue;
    }
    BH_ASSIGN(const std::vector<int> processes, driver_->Processes(gpu.uuid, std::nullopt));
    if (!processes.empty()) {
      why = fmt::format("process {} runs on {}", processes.front(), gpu.uuid);
      continue;
    }
    Partition partition;
    partition.id = fmt::format("gpu{}", gpu.minor);
    partition.generation = instances_.NextGeneration();
    partition.profile = kWholeGpu;
    partition.tier = Tier::kDedicated;
    partition.device_memory_bytes = Bytes(gpu.model.memory_mib);
    BH_ASSIGN(partition.device_nodes, driver_->DeviceNodes(gpu, std::nullopt));
    if (!options_.simulated) partition.environment = {"CUDA_VISIBLE_DEVICES=" + gpu.uuid};
    Hold(std::move(partition), gpu);
    return held_.back().partition;
  }
  return OperatorError(Code::kExhausted, "no whole GPU is free: " + why);
}

base::Result<Partition> GpuPartitions::AcquireInstance(const PartitionRequest& request,
                                                       std::vector<Gpu> gpus) {
  if (const auto idle = FindIdle(request, gpus)) return HoldInstance(*idle);
  auto place = FirstPlace(request, gpus, Open(gpus));
  if (!place && ClearWay(request, gpus)) {
    BH_ASSIGN(gpus, driver_->List());
    place = FirstPlace(request, gpus, Open(gpus));
  }
  if (place) return HoldMade(*place, gpus);
  std::size_t there = 0;
  std::size_t meant = 0;
  for (const Gpu& gpu : gpus) {
    if (!IsMeant(request, gpu)) continue;
    ++meant;
    there += gpu.instances.size();
  }
  return OperatorError(
      Code::kExhausted,
      fmt::format(
          "no room for {}: of {} GPUs that could have it, {} instances are in the way or it "
          "is fenced; {} partitions are held, {} GPUs fenced. Take a smaller profile, release "
          "a partition, or name another start",
          request.profile, meant, there, held_.size(), fenced_.size()));
}

std::optional<uint64_t> GpuPartitions::FindIdle(const PartitionRequest& request,
                                                const std::vector<Gpu>& gpus) {
  for (const auto& [generation, owned] : instances_.owned()) {
    if (IsHeld(generation) || fenced_.contains(owned.gpu)) continue;
    const GpuInstance* instance = FindWhole(owned, gpus);
    if (instance == nullptr) continue;
    const Gpu& gpu = *std::ranges::find(gpus, owned.gpu, &Gpu::uuid);
    const bool fits = IsMeant(request, gpu) &&
                      mig::FindProfile(gpu.model, request.profile) == instance->profile &&
                      request.start.value_or(instance->start) == instance->start;
    if (!fits) continue;
    if (!InUse(gpu.uuid, *instance)) return generation;
  }
  return std::nullopt;
}

// True: what is ours, held by nobody and in the way of the request is gone.
bool GpuPartitions::ClearWay(const PartitionRequest& request, const std::vector<Gpu>& gpus) {
  std::map<std::pair<std::string, int>, uint64_t> idle;
  std::vector<Gpu> without = gpus;
  for (const auto& [generation, owned] : instances_.owned()) {
    const GpuInstance* instance = IsHeld(generation) ? nullptr : FindOwned(owned, gpus);
    if (instance == nullptr || InUse(owned.gpu, *instance)) continue;
    idle[{owned.gpu, instance->id}] = generation;
    std::erase_if(std::ranges::find(without, owned.gpu, &Gpu::uuid)->instances,
                  [&](const GpuInstance& one) { return one.id == instance->id; });
  }
  const auto place = FirstPlace(request, without, Open(gpus));
  if (!place) return false;
  const Gpu& gpu = gpus[place->gpu];
  for (const GpuInstance& one : InTheWay(gpu, without[place->gpu], *place)) {
    (void)instances_.Remove(idle.at({gpu.uuid, one.id}));
  }
  return true;
}

base::Result<Partition> GpuPartitions::HoldMade(const GpuPlace& place,
                                                const std::vector<Gpu>& gpus) {
  BH_ASSIGN(const uint64_t generation,
            instances_.Make(gpus[place.gpu], place.profile, place.start));
  auto partition = HoldInstance(generation);
  if (!partition.ok()) (void)instances_.Remove(generation);
  return partition;
}

base::Result<Partition> GpuPartitions::HoldInstance(uint64_t generation) {
  BH_ASSIGN(const std::vector<Gpu> gpus, driver_->List());
  const OwnedInstance& owned = instances_.owned().at(generation);
  const GpuInstance* instance = FindOwned(owned, gpus);
  if (instance == nullptr) {
    return OperatorError(Code::kUnavailable,
                         "the driver does not list the instance of " + owned.gpu + " that it made");
  }
  const Gpu& gpu = *std::ranges::find(gpus, owned.gpu, &Gpu::uuid);
  const mig::Profile& profile = ProfileOf(gpu, *instance);
  Partition partition;
  partition.id = fmt::format("gpu{}-gi{}", gpu.minor, instance->id);
  partition.generation = generation;
  partition.profile = profile.name;
  partition.tier = Tier::kHard;
  partition.device_memory_bytes = Bytes(profile.memory_mib);
  partition.start = instance->start;
  partition.instance = InstanceNumbers{instance->id, instance->compute.front().id};
  BH_ASSIGN(partition.device_nodes, driver_->DeviceNodes(gpu, partition.instance));
  if (!options_.simulated) {
    partition.environment = {"CUDA_VISIBLE_DEVICES=" + instance->compute.front().uuid};
  }
  Hold(std::move(partition), gpu);
  return held_.back().partition;
}

void GpuPartitions::Hold(Partition partition, const Gpu& gpu) {
  partition.device_id = gpu.uuid;
  partition.simulated = options_.simulated;
  held_.push_back({std::move(partition), {}});
}

bool GpuPartitions::InUse(const std::string& gpu, const GpuInstance& instance) {
  if (instance.compute.empty()) return false;
  const auto processes =
      driver_->Processes(gpu, InstanceNumbers{instance.id, instance.compute.front().id});
  return !processes.ok() || !processes.value().empty();
}

base::Status GpuPartitions::CheckIdle(const Partition& partition) {
  const auto processes = driver_->Processes(partition.device_id, partition.instance);
  if (!processes.ok()) {
    // Nothing runs in what is not there.
    if (processes.error().code == Code::kNotFound) return base::Ok();
    return OperatorError(Code::kUnavailable, processes.error().detail);
  }
  if (processes.value().empty()) return base::Ok();
  return OperatorError(Code::kConflict, fmt::format("process {} still runs in {}",
                                                    processes.value().front(), partition.id));
}

base::Status GpuPartitions::Scrub(const Partition& partition) {
  const auto holding = Find(partition);
  if (holding == held_.end()) return NotHeld(partition);
  BH_TRY(TakeFaults());
  if (!holding->fault.empty()) {
    return OperatorError(Code::kUnavailable, partition.id + " is fenced: " + holding->fault);
  }
  BH_TRY(CheckIdle(holding->partition));
  if (holding->partition.instance) {
    BH_ASSIGN(const std::vector<Gpu> gpus, driver_->List());
    const auto owned = instances_.owned().find(partition.generation);
    if (owned == instances_.owned().end() || FindWhole(owned->second, gpus) == nullptr) {
      return OperatorError(Code::kUnavailable, "the instance of " + partition.id + " is gone");
    }
  }
  if (options_.simulated) return base::Ok();
  if (options_.clear) return options_.clear(holding->partition);
  return OperatorError(Code::kUnavailable,
                       "memory of the instance cannot be cleared: no CUDA runtime");
}

base::Status GpuPartitions::Release(const Partition& partition) {
  const auto holding = Find(partition);
  if (holding == held_.end()) return NotHeld(partition);
  BH_TRY(CheckIdle(holding->partition));
  if (holding->partition.instance) {
    base::Status removed = instances_.Remove(partition.generation);
    // kNotFound: it is gone already, and nothing is left to put back.
    if (!removed.ok() && removed.error().code == Code::kConflict) return removed;
    if (!removed.ok() && removed.error().code != Code::kNotFound) {
      return OperatorError(Code::kUnavailable, removed.error().detail);
    }
  }
  held_.erase(holding);
  return base::Ok();
}

base::Status GpuPartitions::MakeIdle(const PartitionRequest& place) {
  BH_TRY(TakeFaults());
  BH_ASSIGN(const std::vector<Gpu> gpus, driver_->List());
  BH_TRY(CheckPlace(place, gpus));
  BH_TRY(CheckFence(place));
  const auto at = FirstPlace(place, gpus, Open(gpus));
  if (!at) return NoPlace(place, gpus);
  BH_TRY(instances_.Make(gpus[at->gpu], at->profile, at->start));
  return base::Ok();
}

base::Status GpuPartitions::RemoveIdle(const PartitionRequest& place) {
  BH_ASSIGN(const std::vector<Gpu> gpus, driver_->List());
  BH_TRY(CheckPlace(place, gpus));
  const GpuInstance* there = InstanceAt(place, gpus);
  if (there == nullptr) return OperatorError(Code::kNotFound, "there is no " + TextOf(place));
  for (const auto& [generation, owned] : instances_.owned()) {
    if (owned.gpu != place.device_id || FindOwned(owned, gpus) != there) continue;
    if (IsHeld(generation)) return OperatorError(Code::kConflict, TextOf(place) + " is in use");
    if (InUse(owned.gpu, *there)) {
      return OperatorError(Code::kConflict, "a process still runs in " + TextOf(place));
    }
    return instances_.Remove(generation);
  }
  return OperatorError(Code::kDenied, TextOf(place) + " was made by others, who give it up");
}

}  // namespace

base::Result<std::unique_ptr<DeviceBackend>> OpenGpuPartitions(std::shared_ptr<GpuDriver> driver,
                                                               InstanceJournal journal,
                                                               GpuPartitionsOptions options) {
  auto backend =
      std::make_unique<GpuPartitions>(std::move(driver), std::move(journal), std::move(options));
  BH_TRY(backend->Recover());
  return std::unique_ptr<DeviceBackend>(std::move(backend));
}

}  // namespace bulkhead::device
