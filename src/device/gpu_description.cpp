// SPDX-License-Identifier: Apache-2.0
#include "device/gpu_description.h"

#include <algorithm>

namespace bulkhead::device {
namespace {

int64_t Bytes(uint64_t mebibytes) { return static_cast<int64_t>(mebibytes) << 20; }

int64_t MemoryOf(const Gpu& gpu, const GpuInstance& instance) {
  return Bytes(gpu.model.profiles[static_cast<std::size_t>(instance.profile)].memory_mib);
}

}  // namespace

const Holding* FindWholeGpu(std::span<const Holding> held, const std::string& gpu) {
  const auto found = std::ranges::find_if(held, [&](const Holding& holding) {
    return holding.partition.device_id == gpu && !holding.partition.instance;
  });
  return found == held.end() ? nullptr : &*found;
}

Device DescribeGpu(const Gpu& gpu, const std::vector<Gpu>& gpus, const OwnedInstances& instances,
                   std::span<const Holding> held, const std::string& fenced) {
  Device device;
  device.id = gpu.uuid;
  device.name = gpu.model.product;
  device.memory_total_bytes = Bytes(gpu.model.memory_mib);
  device.gpu = GpuDevice{gpu, {}, {}, fenced};
  GpuDevice& about = *device.gpu;
  about.holders.resize(gpu.instances.size());
  int64_t taken = 0;
  for (const GpuInstance& instance : gpu.instances) taken += MemoryOf(gpu, instance);
  for (const auto& [generation, owned] : instances.owned()) {
    const GpuInstance* instance = owned.gpu == gpu.uuid ? FindOwned(owned, gpus) : nullptr;
    if (instance == nullptr) continue;
    const auto at = std::ranges::find(gpu.instances, instance->id, &GpuInstance::id);
    InstanceHolder& holder = about.holders[static_cast<std::size_t>(at - gpu.instances.begin())];
    holder.ours = true;
    const auto holding = std::ranges::find_if(
        held, [&](const Holding& one) { return one.partition.generation == generation; });
    if (holding != held.end()) {
      holder.partition_id = holding->partition.id;
    } else if (FindWhole(owned, gpus) != nullptr) {
      taken -= MemoryOf(gpu, *instance);
    }
  }
  if (const Holding* whole = FindWholeGpu(held, gpu.uuid); whole != nullptr) {
    about.whole_held_by = whole->partition.id;
  }
  const bool whole_free = gpu.exclusive && about.whole_held_by.empty();
  const bool none = !about.fenced.empty() || (gpu.mig != MigMode::kOn && !whole_free);
  device.memory_free_bytes = none ? 0 : std::max<int64_t>(device.memory_total_bytes - taken, 0);
  return device;
}

}  // namespace bulkhead::device
