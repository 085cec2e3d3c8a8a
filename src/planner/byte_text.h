// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace bulkhead::planner {

// "512 MiB", "4.8 GiB": three digits at most, in binary units.
std::string ByteText(uint64_t bytes);

}  // namespace bulkhead::planner
