// SPDX-License-Identifier: Apache-2.0
#include "isolation/pod_driver.h"

#include "isolation/layered.h"

namespace bulkhead::isolation {
namespace {

LayerSet PodLayers() {
  return {Layer::kResourceLimits, Layer::kNoCapabilities, Layer::kNoNewPrivileges,
          Layer::kNotDumpable,    Layer::kLandlock,       Layer::kSyscallFilter,
          Layer::kCgroupMemory,   Layer::kCgroupPids,     Layer::kCgroupCpus};
}

}  // namespace

std::unique_ptr<IsolationDriver> MakePodDriver(PodOptions options) {
  return MakeLayeredDriver({.layers = PodLayers(),
                            .owner = std::move(options.owner),
                            .first_id = 0,
                            .id_count = 0,
                            .withheld = options.withheld});
}

}  // namespace bulkhead::isolation
