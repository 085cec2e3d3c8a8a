// SPDX-License-Identifier: Apache-2.0
#include "device/simulated_backend.h"

#include <chrono>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/write_file.h"
#include "device/gpu_partitions.h"
#include "device/inventory_file.h"
#include "device/simulated_gpus.h"
#include "device/simulation.h"

namespace bulkhead::device {

base::Result<std::unique_ptr<DeviceBackend>> OpenSimulatedBackend(std::string_view text) {
  BH_ASSIGN(std::vector<Gpu> gpus, ReadSimulation(text));
  GpuPartitionsOptions options;
  options.simulated = true;
  options.wait = [](std::chrono::milliseconds) {};
  return OpenGpuPartitions(
      std::make_shared<SimulatedGpus>(SimulatedMachine{std::move(gpus), {}, {}}),
      InstanceJournal::InMemory(), std::move(options));
}

base::Result<std::unique_ptr<DeviceBackend>> OpenSimulatedFile(const std::filesystem::path& path,
                                                               bool recover) {
  BH_ASSIGN(std::vector<Gpu> gpus, ReadInventory(path));
  const auto driver = std::make_shared<SimulatedGpus>(SimulatedMachine{std::move(gpus), {}, {}});
  // A machine without a clock: what is ours stays so until the file is another's.
  constexpr const char* kBoot = "simulated";
  const std::filesystem::path folder = path.string() + ".owned";
  std::error_code failed;
  if (recover) std::filesystem::create_directories(folder, failed);
  const bool kept = std::filesystem::is_directory(folder, failed);
  InstanceJournal journal = InstanceJournal::InMemory();
  if (kept) {
    BH_ASSIGN(journal, InstanceJournal::Open(folder, kBoot));
  }
  driver->observer = [path, gpus = driver.get(),
                      written = FormatInventory(driver->machine().gpus)]() mutable {
    std::string text = FormatInventory(gpus->machine().gpus);
    if (text == written) return;
    // The journal was written before, and says of what the file lacks that it is gone.
    if (base::WriteFile(path, std::as_bytes(std::span(text)), base::Durable::kNow).ok()) {
      written = std::move(text);
    }
  };
  GpuPartitionsOptions options;
  options.simulated = true;
  options.recover = recover;
  options.wait = [](std::chrono::milliseconds) {};
  return OpenGpuPartitions(driver, std::move(journal), std::move(options));
}

}  // namespace bulkhead::device
