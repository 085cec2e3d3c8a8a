// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace bulkhead::planner {

// Greatest gain . x where each row . x <= its limit and x >= 0. Limits must not be negative, so
// that doing nothing is allowed.
struct LinearProgram {
  struct Term {
    std::size_t variable = 0;
    double factor = 0;
  };
  std::vector<double> gain;  // by variable
  std::vector<std::vector<Term>> rows;
  std::vector<double> limits;  // by row
};

struct LinearSolution {
  double gain = 0;
  std::vector<double> values;  // by variable
  bool optimal = false;        // false: stopped at `steps_max`; the values are allowed all the same
};

// The simplex method on a dense tableau, for some hundred rows and variables. Deterministic: of
// equal candidates the lowest index; after many steps without gain Bland's rule, which ends.
LinearSolution Maximise(const LinearProgram& program, int steps_max);

}  // namespace bulkhead::planner
