// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sys/types.h>

namespace bulkhead::bench {

// A supervisor in a process of its own that starts one hostile worker after the other, each in a
// compartment on one core, and has it attack (tests/sandbox_cases), until destroyed.
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
