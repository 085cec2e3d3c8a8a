// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sys/types.h>

namespace bulkhead::bench {

// A supervisor in a process of its own that starts a hostile worker in a compartment on one core,
// has it attack (tests/sandbox_cases), and starts it again when it ended, after the waits of the
// node (node/backoff.h), until destroyed.
class Neighbour {
 public:
  // Throws when it cannot be started.
  Neighbour(const std::string& attack, const std::string& argument, int cpu);
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour();

 private:
  pid_t process_ = -1;
};

}  // namespace bulkhead::bench
