// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace bulkhead::base {

// Fills with the kernel's random bytes (getrandom(2)), fit for keys. Waits until the machine has
// gathered enough once after its start; never short. kUnavailable: the kernel has none to give.
Status FillRandom(std::span<std::byte> bytes);

}  // namespace bulkhead::base
