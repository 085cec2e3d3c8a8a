// SPDX-License-Identifier: Apache-2.0
#include "app/compose.h"

#include <string>
#include <utility>

#include <unistd.h>

#include "app/open_keys.h"
#include "device/cpu_backend.h"
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

cli::OpenKeys ComposeKeys() {
  return [](const std::string& url,
            const std::string& passphrase_file) -> base::Result<cli::OpenedKeys> {
    BH_ASSIGN(OpenedKeys opened, OpenKeyProvider(url, passphrase_file));
    return cli::OpenedKeys{std::move(opened.name), std::move(opened.provider)};
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
