// SPDX-License-Identifier: Apache-2.0
// The port to the devices of one machine: what there is, and partitions of it that are held.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/gpu.h"
#include "device/tier.h"

namespace bulkhead::device {

// A GPU, and who has the instances on it.
struct GpuDevice {
  Gpu gpu;
  std::vector<InstanceHolder> holders;  // of gpu.instances, in their order
  std::string whole_held_by;            // the partition that is the whole GPU, if one is held
  std::string fenced;                   // why nothing is taken of it; empty: it is in order
};

// A device as the machine reports it. `name` is what a person knows it by. Totals are what we may
// use of it; free is what Acquire can still hand out, which is less than the total by what is held
// and by what is kept for the machine itself. Cores are physical ones. Memory is a GPU's own, or
// that of the host.
struct Device {
  std::string id;    // stable over restarts: a GPU's UUID, "cpu"
  std::string name;  // of a simulated one it begins with "simulated"
  bool simulated = false;
  int cores_free = 0;
  int cores_total = 0;
  int64_t memory_free_bytes = 0;
  int64_t memory_total_bytes = 0;
  std::optional<GpuDevice> gpu;
};

// What is asked for. A place is a planner's choice; without one the backend takes the first that
// fits, in the order of List.
struct PartitionRequest {
  std::string profile;  // "cpu:2c4g", "1g.5gb", "gpu"
  std::optional<std::string> device_id = std::nullopt;
  std::optional<int> start = std::nullopt;  // on a GPU, in its units of placement
};

// The instance that a partition is, as the driver numbers it.
struct InstanceNumbers {
  int gpu_instance = 0;
  int compute_instance = 0;
  friend bool operator==(const InstanceNumbers&, const InstanceNumbers&) = default;
};

// A slice of a device that one worker owns until it is released.
struct Partition {
  std::string id;  // unique among held partitions, of [a-z0-9-]: "cpu-2-3", "gpu0-gi7"
  // Of this holding: a copy of a partition that was released is not taken for its successor.
  uint64_t generation = 0;
  std::string device_id;
  std::string profile;  // "cpu:2c4g"
  Tier tier = Tier::kCpu;
  // Of a device that does not exist: it is planned with, and no worker runs in it.
  bool simulated = false;
  // Cores that the worker's threads run on, and host memory. A GPU has none to give: a worker there
  // takes a partition of the cores too.
  std::vector<int> cpus;
  int64_t memory_bytes = 0;
  int64_t device_memory_bytes = 0;  // of the GPU's own memory
  std::optional<int> start;         // of an instance, in units of placement
  std::optional<InstanceNumbers> instance;
  std::vector<std::filesystem::path> device_nodes;
  std::vector<std::string> environment;  // NAME=value that the worker needs to see the slice
};

// One thread at a time.
class DeviceBackend {
 public:
  DeviceBackend() = default;
  DeviceBackend(const DeviceBackend&) = delete;
  DeviceBackend& operator=(const DeviceBackend&) = delete;
  virtual ~DeviceBackend() = default;

  // What the machine has now, with what is held taken off. kUnavailable: it cannot be read.
  [[nodiscard]] virtual base::Result<std::vector<Device>> List() = 0;

  // Takes a partition of this profile out of the pool; nobody else gets any of its cores, memory or
  // instance until Release. The tier says what it is: kHard a GPU instance with one compute
  // instance of its whole size, kDedicated a whole GPU that is not cut and takes one process at a
  // time.
  //
  // kInvalid: not a profile of this backend, a device it does not have, or a start that the profile
  // never has; the detail says what there is. kExhausted: no room, or not there; the detail says
  // what is free. kUnavailable: the device refused, or is fenced. After any error nothing is taken.
  [[nodiscard]] virtual base::Result<Partition> Acquire(const PartitionRequest& request) = 0;

  // Clears what the partition's memory held and proves it, where the device has memory of its own;
  // a partition whose processes remain is refused. Called after Acquire and before Release.
  // kConflict: something still runs in it. kUnavailable: it could not be cleared, or its device
  // reported a fault in it; do not use it. kNotFound: not held.
  [[nodiscard]] virtual base::Status Scrub(const Partition& partition) = 0;

  // Puts it back. kNotFound: not held, or released before. kConflict: something still runs in it;
  // it stays held. kUnavailable: the device did not take it back; it stays held, and another
  // Release tries again.
  [[nodiscard]] virtual base::Status Release(const Partition& partition) = 0;

  // Makes an instance of a GPU that nobody holds yet: the next Acquire of its like takes it, and
  // one that fits nowhere else takes its room. The request names device and start. kUnsupported:
  // nothing here can be cut. kInvalid, kExhausted, kUnavailable: as Acquire; nothing is made then.
  [[nodiscard]] virtual base::Status MakeIdle(const PartitionRequest& place) = 0;

  // Gives up an instance of ours that nobody holds, of that profile at that place. kUnsupported:
  // nothing here can be cut. kNotFound: there is none. kDenied: it is not ours. kConflict: somebody
  // holds it, or something runs in it. kUnavailable: the device refuses; what is left stays ours.
  [[nodiscard]] virtual base::Status RemoveIdle(const PartitionRequest& place) = 0;
};

}  // namespace bulkhead::device
