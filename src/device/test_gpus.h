// SPDX-License-Identifier: Apache-2.0
// For tests only: simulated machines, and backends over them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "device/gpu_partitions.h"
#include "device/simulated_gpus.h"
#include "device/test_machine.h"

namespace bulkhead::device {

inline const mig::GpuModel& A100() { return *mig::FindGpuModel("A100-40GB"); }

// A GPU that cannot be cut; it takes one process at a time.
inline mig::GpuModel T4() {
  mig::GpuModel model;
  model.name = "T4";
  model.product = "Tesla T4";
  model.memory_mib = 15'360;
  return model;
}

// Two A100 and a T4.
inline SimulatedMachine TestGpus() {
  return {{MakeSimulatedGpu(A100(), 0), MakeSimulatedGpu(A100(), 1), MakeSimulatedGpu(T4(), 2)},
          {},
          {}};
}

// An instance that somebody else made: 2g.10gb at unit 4 of the first GPU, with a compute instance.
inline void MakeForeign(SimulatedGpus& gpus) {
  const std::string gpu = gpus.machine().gpus.front().uuid;
  ASSERT_EQ(gpus.CreateGpuInstance(gpu, 14, 4).value(), 5);
  ASSERT_TRUE(gpus.CreateComputeInstance(gpu, 5).ok());
}

inline std::unique_ptr<DeviceBackend> OpenTestGpus(std::shared_ptr<GpuDriver> driver,
                                                   InstanceJournal journal) {
  GpuPartitionsOptions options;
  options.clear = [](const Partition&) { return base::Ok(); };
  options.wait = [](std::chrono::milliseconds) {};
  auto backend = OpenGpuPartitions(std::move(driver), std::move(journal), std::move(options));
  EXPECT_TRUE(backend.ok()) << backend.error().detail;
  return backend.ok() ? std::move(backend).value() : nullptr;
}

}  // namespace bulkhead::device
