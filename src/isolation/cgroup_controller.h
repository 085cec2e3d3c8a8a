// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "isolation/layer.h"

namespace bulkhead::isolation {

// The kernel's name of the controller behind a layer of cgroups; "" for other layers.
constexpr const char* ControllerName(Layer layer) {
  switch (layer) {
    case Layer::kCgroupMemory:
      return "memory";
    case Layer::kCgroupPids:
      return "pids";
    case Layer::kCgroupCpus:
      return "cpuset";
    default:
      return "";
  }
}

}  // namespace bulkhead::isolation
