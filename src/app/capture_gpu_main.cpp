// SPDX-License-Identifier: Apache-2.0
// Writes what the driver of this machine says of its GPUs, for a simulation of them (sim:file=).
// Reads only.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/daemon.h"
#include "device/inventory_file.h"
#include "device/nvml_gpus.h"

namespace bulkhead::app {
namespace {

constexpr Log kLog{"capture-gpu"};

base::Result<std::string> Capture(const std::string& library) {
  BH_ASSIGN(const std::shared_ptr<device::GpuDriver> driver,
            device::OpenNvmlGpus(library, std::string()));
  BH_ASSIGN(const std::vector<device::Gpu> gpus, driver->List());
  return device::FormatInventory(gpus);
}

int Run(int argc, char** argv) {
  std::string library = "libnvidia-ml.so.1";
  CLI::App program(
      "Writes what the driver of this machine says of its GPUs to standard output, for sim:file=.\n"
      "Only reads. Where MIG is on it needs root or the capability mig/config.",
      "capture-gpu");
  program.add_option("--library", library, "NVIDIA's management library")
      ->type_name("FILE")
      ->capture_default_str();
  if (const auto over = ParseArguments(program, argc, argv, kLog)) return *over;
  const auto text = Capture(library);
  if (!text.ok()) {
    kLog(text.error().detail);
    return kFailure;
  }
  std::cout << text.value() << std::flush;
  return std::cout ? kSuccess : kFailure;
}

}  // namespace
}  // namespace bulkhead::app

int main(int argc, char** argv) {
  return bulkhead::app::RunMain(argc, argv, bulkhead::app::kLog, bulkhead::app::Run);
}
