// SPDX-License-Identifier: Apache-2.0
// What the drivers have in common: a start with as many layers as the driver has and the policy
// insists on. Which layers those are makes the difference between them.
#pragma once

#include <memory>
#include <string>

#include <sys/types.h>

#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

struct LayeredOptions {
  LayerSet layers;     // that this driver has
  std::string owner;   // of cgroups: 1 to 32 of [a-z0-9-]
  uid_t first_id = 0;  // with the layer kOwnUser
  uint32_t id_count = 0;
  LayerSet withheld;  // treated as if the machine did not give them
};

std::unique_ptr<IsolationDriver> MakeLayeredDriver(LayeredOptions options);

}  // namespace bulkhead::isolation
