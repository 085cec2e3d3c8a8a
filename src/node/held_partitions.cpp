// SPDX-License-Identifier: Apache-2.0
#include "node/held_partitions.h"

#include <utility>

#include <fmt/format.h>

namespace bulkhead::node {
namespace {

using device::DeviceBackend;
using device::Partition;

base::Result<Partition> Take(DeviceBackend& backend, const device::PartitionRequest& request) {
  BH_ASSIGN(Partition partition, backend.Acquire(request));
  if (const base::Status cleared = backend.Scrub(partition); !cleared.ok()) {
    return base::WithContext(cleared.error(),
                             partition.id + " could not be cleared, so that it stays out of use");
  }
  return partition;
}

// Empty: it is back.
std::string GiveBackOne(DeviceBackend& backend, const Partition& partition) {
  const base::Status cleared = backend.Scrub(partition);
  if (!cleared.ok()) {
    return fmt::format("{} is kept out of use, it could not be cleared: {}", partition.id,
                       cleared.error().detail);
  }
  const base::Status released = backend.Release(partition);
  if (released.ok()) return {};
  return fmt::format("{} is kept out of use, its device did not take it back: {}", partition.id,
                     released.error().detail);
}

}  // namespace

base::Result<HeldPartitions> TakePartitions(const NodeDevices& devices,
                                            const PartitionsWanted& wanted) {
  HeldPartitions held;
  auto cores = Take(devices.cores, wanted.cores);
  if (!cores.ok() && wanted.gpu) {
    return base::WithContext(std::move(cores).error(), "cores beside " + wanted.gpu->profile);
  }
  BH_TRY(cores);
  held.cores = std::move(cores).value();
  if (!wanted.gpu) return held;
  base::Result<Partition> gpu =
      base::OperatorError(base::Code::kUnsupported, "this node has no GPUs");
  if (devices.gpus != nullptr) gpu = Take(*devices.gpus, *wanted.gpu);
  if (gpu.ok()) {
    held.gpu = std::move(gpu).value();
    return held;
  }
  base::Error error = std::move(gpu).error();
  // Nothing ran on them.
  const base::Status released = devices.cores.Release(held.cores);
  if (!released.ok()) {
    error.detail +=
        fmt::format("; {} is kept out of use: {}", held.cores.id, released.error().detail);
  }
  return error;
}

std::vector<std::string> GiveBack(const NodeDevices& devices, const HeldPartitions& held) {
  std::vector<std::string> kept;
  if (held.gpu && devices.gpus != nullptr) {
    if (auto line = GiveBackOne(*devices.gpus, *held.gpu); !line.empty()) kept.push_back(line);
  }
  if (auto line = GiveBackOne(devices.cores, held.cores); !line.empty()) kept.push_back(line);
  return kept;
}

Partition PartitionForWorker(const HeldPartitions& held) {
  if (!held.gpu || held.gpu->simulated) return held.cores;
  Partition both = *held.gpu;
  both.cpus = held.cores.cpus;
  both.memory_bytes = held.cores.memory_bytes;
  return both;
}

}  // namespace bulkhead::node
