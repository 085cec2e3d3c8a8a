// SPDX-License-Identifier: Apache-2.0
// Which descriptors the program finds open.
#pragma once

#include <vector>

#include "base/result.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

struct DescriptorMove {
  int source = -1;
  int number = -1;
  bool close_on_exec = false;
};

// Every descriptor that the child keeps, and its number; the others are closed.
struct DescriptorPlan {
  std::vector<DescriptorMove> moves;
  int end = 0;  // one above the highest number
};

// The moves for a program: the caller's, an empty input for 0 and (closed for writing) 1, the error
// output for 2; above them the two of the start itself, which exec closes.
DescriptorPlan PlanDescriptors(const LaunchSpec& spec, int empty_input, int report, int alive);

// Child-safe: 0 or an errno. Sources and numbers may overlap in any way.
[[nodiscard]] int ArrangeDescriptors(DescriptorPlan& plan);

}  // namespace bulkhead::isolation
