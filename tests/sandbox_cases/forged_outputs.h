// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/tensor.h"

namespace bulkhead::sandbox_cases {

// What a network could answer to harm whoever reads it: "nan", "infinity", "huge", "negative",
// "every-anchor", "no-outputs", "two-outputs", "other-type", "rank", "negative-side",
// "overflowing-sides", "short-bytes", "error". Owns the bytes of the last answer.
class ForgedOutputs {
 public:
  base::Result<std::span<const base::TensorView>> Make(std::string_view form,
                                                       std::span<const base::TensorView> honest);

 private:
  std::vector<float> values_;
  std::vector<base::TensorView> views_;
};

}  // namespace bulkhead::sandbox_cases
