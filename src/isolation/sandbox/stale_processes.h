// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <sys/types.h>

#include "base/result.h"

namespace bulkhead::isolation {

// Kills every process whose user id is in [first, first + count) and claimed by no supervisor that
// lives, and waits until they are gone. kUnavailable: /proc cannot be read; kInternal: a process
// did not end within 10 seconds.
base::Status EndStaleProcesses(uid_t first, uint32_t count);

}  // namespace bulkhead::isolation
