// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bulkhead::lockdown {

// setrlimit(2), soft and hard alike. Core dumps, written files (memfds too: write through a
// mapping), message queues and real-time priority are always 0.
struct ResourceLimits {
  uint64_t open_files = 32;
  // Bytes of address space; 0 leaves it alone (a GPU driver maps far more than it uses).
  uint64_t address_space_bytes = 0;
  // Bytes that mlock may pin.
  uint64_t locked_bytes = 0;
  // Processes and threads of the same user id; 0 leaves it alone (the id is not the worker's own).
  uint64_t processes = 0;
};

// Child-safe: 0 or an errno. A hard limit that is lower already stays.
[[nodiscard]] int ApplyResourceLimits(const ResourceLimits& limits);

}  // namespace bulkhead::lockdown
