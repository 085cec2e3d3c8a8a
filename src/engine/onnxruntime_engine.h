// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/result.h"
#include "engine/engine.h"

namespace bulkhead::engine {

// Loads the ONNX Runtime library (see docs/adr/0001 for where it is looked for) and a model from
// memory. The model's bytes may be wiped when this returns. A chosen provider that the library or
// the machine lacks is an error, never another provider.
//
// kUnavailable: the library cannot be loaded or is too old, or the provider is absent; the detail
// says which and what to do. kInvalid: not an ONNX graph, or one that the library refuses.
// kExhausted: not enough memory.
base::Result<std::unique_ptr<Engine>> OpenOnnxRuntimeEngine(std::span<const std::byte> model,
                                                            const EngineOptions& options);

}  // namespace bulkhead::engine
