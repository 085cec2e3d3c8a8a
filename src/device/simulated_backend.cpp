// SPDX-License-Identifier: Apache-2.0
#include "device/simulated_backend.h"

#include <chrono>
#include <utility>

#include "device/gpu_partitions.h"
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

}  // namespace bulkhead::device
