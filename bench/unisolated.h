// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace bulkhead::bench {

// What an attack (of tests/sandbox_cases) does to a victim when both run in one process without
// compartments, as the threads of a common model server do: "1.37 x", the p99 of the victim's
// frames beside it against that alone, or how the victim ended. Forks. Throws when it cannot.
std::string Unisolated(const std::string& attack, std::span<const std::byte> model,
                       std::span<const std::byte> jpeg);

}  // namespace bulkhead::bench
