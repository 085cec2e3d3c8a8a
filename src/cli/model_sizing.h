// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/model_card.h"
#include "planner/sizing.h"

namespace bulkhead::cli {

// What sizing wants to know of a model, at the smallest batch it runs.
inline planner::SizingInput SizingOf(const model::ModelCard& card) {
  planner::SizingInput input;
  input.family = card.spec.family;
  input.size = card.spec.size;
  input.parameters = card.parameters;
  input.weights_bytes = card.weights_bytes;
  if (card.memory.empty()) return input;
  const model::MemoryEstimate& smallest = card.memory.front();
  input.peak_activation_bytes = smallest.peak_activation_bytes;
  input.input_bytes = smallest.input_bytes;
  input.flops = card.gflops * 1e9 * smallest.batch;
  return input;
}

}  // namespace bulkhead::cli
