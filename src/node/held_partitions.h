// SPDX-License-Identifier: Apache-2.0
// What one worker holds of the machine: cores and memory, and a partition of a GPU beside them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::node {

// What a node makes partitions of. A worker on a GPU runs on cores too, so those are always there.
struct NodeDevices {
  device::DeviceBackend& cores;
  device::DeviceBackend* gpus = nullptr;  // nullptr: this node has none
};

struct PartitionsWanted {
  device::PartitionRequest cores;
  std::optional<device::PartitionRequest> gpu;
};

struct HeldPartitions {
  device::Partition cores;
  std::optional<device::Partition> gpu;

  // The one that the launch's profile names.
  [[nodiscard]] const device::Partition& named() const { return gpu ? *gpu : cores; }
};

// Acquires and clears both, cores first: they cost nothing to give back, an instance takes time to
// make. After an error nothing is held, but for a partition that could not be cleared: that one
// stays out of use. The detail says which of the two it was. Errors of DeviceBackend.
base::Result<HeldPartitions> TakePartitions(const NodeDevices& devices,
                                            const PartitionsWanted& wanted);

// Clears both and puts them back, whatever happens to the other one. What could not be, a line
// each: it stays out of use.
std::vector<std::string> GiveBack(const NodeDevices& devices, const HeldPartitions& held);

// What its compartment is made of: the cores and the memory of the one, the nodes, the environment
// and the tier of the other. Of a simulated GPU there is nothing to run on, and the worker is what
// runs on its cores: the tier says so.
device::Partition PartitionForWorker(const HeldPartitions& held);

}  // namespace bulkhead::node
