// SPDX-License-Identifier: Apache-2.0
// Where on a node's GPUs a launch goes: what src/planner says of what the devices list.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "device/device_backend.h"

namespace bulkhead::node {

// Remembers what was asked for, so that what is asked for often keeps room. One thread at a time.
class GpuPlacement {
 public:
  // The request with the GPU and the start that cost the others least (planner/placement.h). One
  // that names either is left as it is, and so is one that no GPU here has anything for: the
  // backend says what there is. An instance of ours of that profile that nobody holds comes first;
  // others that nobody holds count as room.
  //
  // kExhausted: no room; the detail says on which kind of GPU what is missing.
  base::Result<device::PartitionRequest> Place(const std::vector<device::Device>& devices,
                                               device::PartitionRequest request);

 private:
  std::map<std::pair<std::string, std::string>, uint32_t> asked_;  // by model and profile
};

}  // namespace bulkhead::node
