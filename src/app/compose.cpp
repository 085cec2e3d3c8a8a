// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include <string>

#include <unistd.h>

#include "device/cpu_backend.h"
#include "engine/onnxruntime_engine.h"
#include "isolation/sandbox_driver.h"

namespace bulkhead::app {

cli::OpenEngine ComposeEngine() { return engine::OpenOnnxRuntimeEngine; }

cli::OpenDriver ComposeDriver() {
  return []() -> base::Result<std::unique_ptr<isolation::IsolationDriver>> {
    return isolation::MakeSandboxDriver({.owner = "cli-" + std::to_string(::getpid())});
  };
}

cli::OpenDevices ComposeDevices() {
  return [] { return device::OpenCpuBackend({}); };
}

}  // namespace bulkhead::app
