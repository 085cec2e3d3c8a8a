// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "base/tensor.h"

namespace bulkhead::engine {

// kInvalid unless the graph has exactly one input and `input` has its type, its rank, its static
// dimensions, and as many bytes as its own dimensions say.
base::Status CheckInput(const base::GraphDescription& graph, const base::TensorView& input);

}  // namespace bulkhead::engine
