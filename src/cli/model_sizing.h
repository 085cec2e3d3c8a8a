// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/model_card.h"
#include "planner/sizing.h"

namespace bulkhead::cli {

// What sizing wants to know of a model, at a batch of one.
inline planner::SizingInput SizingOf(const model::ModelCard& card) {
  return {card.spec.family, card.spec.size, card.parameters, card.weights_bytes,
          card.memory.empty() ? 0 : card.memory.front().peak_activation_bytes};
}

}  // namespace bulkhead::cli
