// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bulkhead::engine {

// Cores this process may run on by its affinity mask (taskset, cpuset cgroup); at least 1.
int UsableCores();

}  // namespace bulkhead::engine
