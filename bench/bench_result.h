// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bulkhead::bench {

struct BenchResult {
  std::string name;
  double value;
  std::string unit;
  double bar;
  bool higher_is_better;
  bool holds;
  std::string note;
};

}  // namespace bulkhead::bench
