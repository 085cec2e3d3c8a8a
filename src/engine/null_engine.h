// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/engine.h"

namespace bulkhead::engine {

// An engine that computes nothing: every run returns zeros of the declared output shapes (variable
// dimensions as 1, the batch as in the input). For measuring what surrounds a network, and never
// chosen by any flag of a product command.
std::unique_ptr<Engine> MakeNullEngine(base::GraphDescription graph);

}  // namespace bulkhead::engine
