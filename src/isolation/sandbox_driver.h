// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sys/types.h>

#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

struct SandboxOptions {
  // Names this supervisor's cgroups, whose left-overs Sweep removes: 1 to 32 of [a-z0-9-]. Two that
  // run at the same time need two names.
  std::string owner = "node";
  // User and group ids of the machine that belong to compartments: one each, for as long as it
  // runs. Far from what distributions give to people, services and containers.
  uid_t first_id = 0x7b000000;
  uint32_t id_count = 4096;
  // Layers to treat as if the machine did not give them: a start that requires one is refused, one
  // that may do without goes on without. For tests of exactly that.
  LayerSet withheld;
};

// Namespaces, a root and a user of its own, cgroups, and everything in lockdown. Works as root and,
// where user namespaces are allowed, as an ordinary user; then all compartments run as that user,
// with its groups, and kOwnUser is not reached.
//
// Without kPrivateRoot every file's destination must be its source. Linux 5.12 or newer.
std::unique_ptr<IsolationDriver> MakeSandboxDriver(SandboxOptions options);

}  // namespace bulkhead::isolation
