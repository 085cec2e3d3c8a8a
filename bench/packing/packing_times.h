// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bulkhead::bench {

struct Measured {
  double value = 0;
  std::string note;
};

// One deployment on 10,000 GPUs of every model with MIG, most of them partly taken: in ms, of
// places that are found and counted in the 99th percentile; the note has what refusals take.
Measured MeasurePlanOne();

// 5,000 deployments on 1,000 empty GPUs: in s, the median of several runs.
Measured MeasureReplan();

}  // namespace bulkhead::bench
