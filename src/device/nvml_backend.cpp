// SPDX-License-Identifier: Apache-2.0
#include "device/nvml_backend.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "device/gpu_partitions.h"
#include "device/instance_journal.h"
#include "device/kernel_file.h"
#include "device/nvml_gpus.h"

namespace bulkhead::device {

base::Result<std::unique_ptr<DeviceBackend>> OpenNvmlBackend(NvmlBackendOptions options) {
  BH_ASSIGN(std::shared_ptr<GpuDriver> driver, OpenNvmlGpus(options.library, options.root));
  BH_ASSIGN(std::string boot_id,
            ReadKernelFile(options.root.string() + "/proc/sys/kernel/random/boot_id"));
  if (boot_id.ends_with('\n')) boot_id.pop_back();
  BH_ASSIGN(InstanceJournal journal, InstanceJournal::Open(options.journal_folder, boot_id));
  GpuPartitionsOptions partitions;
  partitions.recover = options.recover;
  partitions.clear = std::move(options.clear);
  partitions.wait = options.wait ? std::move(options.wait) : [](std::chrono::milliseconds pause) {
    std::this_thread::sleep_for(pause);
  };
  return OpenGpuPartitions(std::move(driver), std::move(journal), std::move(partitions));
}

}  // namespace bulkhead::device
