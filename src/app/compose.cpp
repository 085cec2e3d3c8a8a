// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include "engine/onnxruntime_engine.h"

namespace bulkhead::app {

cli::OpenEngine ComposeEngine() { return engine::OpenOnnxRuntimeEngine; }

}  // namespace bulkhead::app
