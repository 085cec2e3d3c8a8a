// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "app/open_keys.h"
#include "device/cpu_backend.h"
#include "device/nvml_gpus.h"
#include "device/simulation.h"
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

cli::ReadGpus ComposeGpus() {
  return [](const std::string& where) -> base::Result<std::vector<device::Gpu>> {
    constexpr std::string_view kSimulated = "sim:";
    if (where.starts_with(kSimulated)) {
      return device::ReadSimulation(std::string_view(where).substr(kSimulated.size()));
    }
    BH_ASSIGN(const auto driver, device::OpenNvmlGpus("libnvidia-ml.so.1", {}));
    return driver->List();
  };
}

cli::OpenKeys ComposeKeys() {
  return [](const std::string& url,
            const std::string& passphrase_file) -> base::Result<cli::OpenedKeys> {
    BH_ASSIGN(OpenedKeys opened, OpenKeyProvider(url, passphrase_file));
    return cli::OpenedKeys{std::move(opened.name), std::move(opened.provider)};
  };
}

}  // namespace bulkhead::app
