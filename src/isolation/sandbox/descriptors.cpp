// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/descriptors.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <fcntl.h>
#include <unistd.h>

namespace bulkhead::isolation {

DescriptorPlan PlanDescriptors(const LaunchSpec& spec, int empty_input, int report, int alive) {
  DescriptorPlan plan;
  plan.moves = {{empty_input, 0},
                {empty_input, 1},
                {spec.error_output < 0 ? empty_input : spec.error_output, 2}};
  int last = 2;
  for (const PassedDescriptor& passed : spec.descriptors) {
    plan.moves.push_back({passed.source, passed.number});
    last = std::max(last, passed.number);
  }
  plan.moves.push_back({report, last + 1, true});
  plan.moves.push_back({alive, last + 2, true});
  plan.end = last + 3;
  // In the order of their numbers, so that the gaps between them can be closed on the way.
  std::sort(plan.moves.begin(), plan.moves.end(),
            [](const DescriptorMove& a, const DescriptorMove& b) { return a.number < b.number; });
  return plan;
}

int ArrangeDescriptors(DescriptorPlan& plan) {
  // First out of the way of every number, then to its own.
  for (DescriptorMove& move : plan.moves) {
    move.source = ::fcntl(move.source, F_DUPFD_CLOEXEC, plan.end);
    if (move.source < 0) return errno;
  }
  int next = 0;
  for (const DescriptorMove& move : plan.moves) {
    if (move.number > next) {
      const auto gap_first = static_cast<unsigned int>(next);
      const auto gap_last = static_cast<unsigned int>(move.number - 1);
      if (::close_range(gap_first, gap_last, 0) != 0) return errno;
    }
    if (::dup3(move.source, move.number, move.close_on_exec ? O_CLOEXEC : 0) < 0) return errno;
    next = move.number + 1;
  }
  return ::close_range(static_cast<unsigned int>(plan.end), UINT_MAX, 0) == 0 ? 0 : errno;
}

}  // namespace bulkhead::isolation
