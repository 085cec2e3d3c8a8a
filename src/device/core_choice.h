// SPDX-License-Identifier: Apache-2.0
// Which cores a partition gets. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "device/cpu_topology.h"

namespace bulkhead::device {

// `count` of the cores whose entry in `free` is set, as ascending indices; nullopt when there are
// fewer. In this order of preference:
//   1. one NUMA node (memory is near) and one kind (threads of one network end together), the fast
//      kind first;
//   2. one NUMA node, both kinds;
//   3. several nodes, as few as possible.
// Among places that suffice, the one with the fewest free cores: large places stay whole.
// `free` is as long as `cores`; count is at least 1.
std::optional<std::vector<std::size_t>> ChooseCores(const std::vector<Core>& cores,
                                                    const std::vector<bool>& free,
                                                    std::size_t count);

}  // namespace bulkhead::device
