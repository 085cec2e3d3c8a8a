// SPDX-License-Identifier: Apache-2.0
// The port to the devices of one machine: what there is, and partitions of it that are held.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/tier.h"

namespace bulkhead::device {

// A device as the machine reports it. `name` is what a person knows it by. Totals are what we may
// use of it; free is what Acquire can still hand out, which is less than the total by what is held
// and by what is kept for the machine itself. Cores are physical ones.
struct Device {
  std::string id;  // stable over restarts: a GPU's UUID, "cpu"
  std::string name;
  bool simulated = false;
  int cores_free = 0;
  int cores_total = 0;
  int64_t memory_free_bytes = 0;
  int64_t memory_total_bytes = 0;
};

// A slice of a device that one worker owns until it is released.
struct Partition {
  std::string id;  // unique among held partitions, of [a-z0-9-]: "cpu-2-3"
  // Of this holding: a copy of a partition that was released is not taken for its successor.
  uint64_t generation = 0;
  std::string device_id;
  std::string profile;  // "cpu:2c4g"
  Tier tier = Tier::kCpu;
  std::vector<int> cpus;     // that the worker's threads run on
  int64_t memory_bytes = 0;  // of host memory
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
  // instance until Release.
  //
  // kInvalid: not a profile of this backend; the detail says what one looks like. kExhausted: no
  // room; the detail says what is free. kUnavailable: the device refused.
  [[nodiscard]] virtual base::Result<Partition> Acquire(const std::string& profile) = 0;

  // Clears what the partition's memory held and proves it, where the device has memory of its own;
  // a partition whose processes remain is refused. Called after Acquire and before Release.
  // kConflict: something still runs in it. kUnavailable: it could not be cleared; do not use it.
  // kNotFound: not held.
  [[nodiscard]] virtual base::Status Scrub(const Partition& partition) = 0;

  // Puts it back. kNotFound: not held, or released before.
  [[nodiscard]] virtual base::Status Release(const Partition& partition) = 0;
};

}  // namespace bulkhead::device
