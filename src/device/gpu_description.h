// SPDX-License-Identifier: Apache-2.0
// A GPU of GpuPartitions as it is listed: what the driver says, and who has what of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "device/device_backend.h"
#include "device/owned_instances.h"

namespace bulkhead::device {

// A partition that was handed out.
struct Holding {
  Partition partition;
  std::string fault;  // empty: none was reported
};

// nullptr: nobody holds all of that GPU.
const Holding* FindWholeGpu(std::span<const Holding> held, const std::string& gpu);

// `gpu` is one of `gpus`, which are all that the driver lists. `fenced`: why nothing is taken of
// it; empty: it is in order.
Device DescribeGpu(const Gpu& gpu, const std::vector<Gpu>& gpus, const OwnedInstances& instances,
                   std::span<const Holding> held, const std::string& fenced);

}  // namespace bulkhead::device
