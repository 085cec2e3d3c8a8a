// SPDX-License-Identifier: Apache-2.0
// For tests: the double, and the backend over it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "device/nvml_backend.h"
#include "device/test_gpus.h"
#include "nvml_double/nvml_double.h"

namespace bulkhead::device {

// Loaded once, so that its state outlives the backends that load it too.
inline NvmlDouble& Double() {
  static void* const library = ::dlopen(BULKHEAD_NVML_DOUBLE, RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(library, nullptr);
  static const auto state = reinterpret_cast<NvmlDoubleState>(::dlsym(library, kNvmlDoubleState));
  return *state();
}

inline void ResetDouble(SimulatedMachine machine) {
  NvmlDouble& state = Double();
  EXPECT_EQ(state.sessions, 0);
  state = NvmlDouble{};
  state.gpus = std::make_unique<SimulatedGpus>(std::move(machine));
}

// As the driver writes it for two GPUs, whose capabilities begin at 3 and at 138.
inline std::string MigMinors() {
  std::string text = "config 1\nmonitor 2\n";
  int minor = 3;
  for (int gpu = 0; gpu < 2; ++gpu) {
    for (int instance = 0; instance < 15; ++instance) {
      const std::string name = "gpu" + std::to_string(gpu) + "/gi" + std::to_string(instance) + "/";
      text += name + "access " + std::to_string(minor++) + "\n";
      for (int compute = 0; compute < 8; ++compute) {
        text += name + "ci" + std::to_string(compute) + "/access " + std::to_string(minor++) + "\n";
      }
    }
  }
  return text;
}

inline void WriteNvidiaFiles(const TestFolder& folder) {
  folder.Write("/proc/driver/nvidia-caps/mig-minors", MigMinors());
  folder.Write("/proc/sys/kernel/random/boot_id", "0f54b7e2-0000-4000-8000-000000000000\n");
}

inline base::Result<std::unique_ptr<DeviceBackend>> OpenDouble(const TestFolder& folder) {
  NvmlBackendOptions options;
  options.library = BULKHEAD_NVML_DOUBLE;
  options.root = folder.path();
  options.journal_folder = folder.path() / "journal";
  options.clear = [](const Partition&) { return base::Ok(); };
  options.wait = [](std::chrono::milliseconds) {};
  return OpenNvmlBackend(std::move(options));
}

}  // namespace bulkhead::device
