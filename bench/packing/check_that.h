// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace bulkhead::bench {

inline void CheckThat(bool holds, const std::string& expected) {
  if (!holds) throw std::runtime_error("expected " + expected);
}

}  // namespace bulkhead::bench
