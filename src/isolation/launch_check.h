// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

// The rules of LaunchSpec that need no look at the machine. kInvalid: the first one that is broken.
base::Status CheckLaunchSpec(const LaunchSpec& spec);

// kInvalid: a file that the compartment is to see under another path than its own, where it has no
// root of its own to see it in.
base::Status CheckUnmovedFiles(const LaunchSpec& spec);

// 1 to `length_max` of [a-z0-9-].
bool IsName(std::string_view name, std::size_t length_max);

}  // namespace bulkhead::isolation
