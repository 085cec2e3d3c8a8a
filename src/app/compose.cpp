// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "device/cpu_backend.h"
#include "device/nvml_gpus.h"
#include "device/simulation.h"
#include "engine/onnxruntime_engine.h"
#include "isolation/sandbox_driver.h"
#include "keys/provider_probe.h"

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

cli::ProbeKeys ComposeKeyProbe() {
  return [](const std::string& provider) -> base::Result<std::vector<cli::Finding>> {
    std::vector<keys::ProviderFinding> found;
    if (provider.empty()) {
      found = keys::ProbeProviders();
    } else {
      BH_ASSIGN(keys::ProviderFinding finding, keys::ProbeProvider(provider));
      found.push_back(std::move(finding));
    }
    std::vector<cli::Finding> findings;
    for (keys::ProviderFinding& finding : found) {
      findings.push_back({std::move(finding.name), finding.works, std::move(finding.text)});
    }
    return findings;
  };
}

}  // namespace bulkhead::app
