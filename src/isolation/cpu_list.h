// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace bulkhead::isolation {

// A set of cores as the kernel writes it: "0-3,8". `cpus` in any order, each at least 0; doubles
// count once. cpuset(7), "List format".
std::string FormatCpuList(std::vector<int> cpus);

}  // namespace bulkhead::isolation
