// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"
#include "device/device_backend.h"
#include "device/owned_instances.h"

namespace bulkhead::device {

struct NvmlBackendOptions {
  std::filesystem::path library = "libnvidia-ml.so.1";
  // Put before every path that is read: "" on a real machine, a written tree in tests.
  std::filesystem::path root;
  // Where the journal of our instances lies (instance_journal.h): one backend at a time.
  std::filesystem::path journal_folder;
  bool recover = true;  // as in GpuPartitionsOptions
  // As in GpuPartitionsOptions; not given, Scrub fails.
  std::function<base::Status(const Partition&)> clear;
  // For tests; not given, it sleeps.
  Wait wait;
};

// The backend "nvml:": the GPUs of this machine, through NVIDIA's management library. What it
// promises is said at OpenGpuPartitions. It needs root or read access to the capability mig/config
// where a GPU is cut, and a limit of open files above 1024 with many instances.
//
// kUnavailable: no driver, or it does not answer. kDenied: no privilege. kCorrupt: a damaged
// journal.
base::Result<std::unique_ptr<DeviceBackend>> OpenNvmlBackend(NvmlBackendOptions options);

}  // namespace bulkhead::device
