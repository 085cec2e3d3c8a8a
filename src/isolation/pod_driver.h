// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

struct PodOptions {
  // As in SandboxOptions.
  std::string owner = "pod";
  LayerSet withheld;
};

// For a container that allows no namespaces of its own: no_new_privs, no capabilities, limits,
// Landlock, the system call filter, and cgroups where the container has them to give. The program
// stays the user that the caller is and sees the container's processes and network; Landlock keeps
// it to the files of its spec, whose destinations must be their sources (else kInvalid).
std::unique_ptr<IsolationDriver> MakePodDriver(PodOptions options);

}  // namespace bulkhead::isolation
