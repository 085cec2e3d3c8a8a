// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <utility>

#include "base/result.h"

namespace bulkhead::bench {

// The value, or its error thrown: a benchmark that cannot measure ends.
template <typename T>
T Require(base::Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().detail);
  return std::move(result).value();
}

}  // namespace bulkhead::bench
