// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "base/result.h"
#include "engine/engine.h"

namespace bulkhead::sandbox_cases {

// From now on runs are frames, not the warm-up.
void BeginServing();

// An engine that answers like a small detector and carries out the order in `model` at its moment:
// starting, and then it opens nothing; or serving, at the first frame.
base::Result<std::unique_ptr<engine::Engine>> OpenHostileEngine(
    std::span<const std::byte> model, const engine::EngineOptions& options);

}  // namespace bulkhead::sandbox_cases
