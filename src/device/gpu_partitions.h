// SPDX-License-Identifier: Apache-2.0
// Partitions of GPUs, whatever drives them: the backends nvml: and sim: are this over their driver.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "device/device_backend.h"
#include "device/gpu_driver.h"
#include "device/instance_journal.h"
#include "device/owned_instances.h"

namespace bulkhead::device {

struct GpuPartitionsOptions {
  bool simulated = false;
  // False: what a crash left half made stays as it is, for those who only look.
  bool recover = true;
  // Clears the memory of an idle partition of a real GPU and proves it. Without one, Scrub fails.
  std::function<base::Status(const Partition&)> clear;
  Wait wait;
};

// Profiles are those of the GPUs ("1g.5gb"), tier kHard, and "gpu" for a whole GPU that is not cut,
// tier kDedicated, which must take one process at a time and have none. MIG mode is the
// administrator's: it is never switched, and no GPU is reset.
//
// Instances that others made are listed and left alone. Those that the journal says are ours are
// adopted when they are complete: nobody holds them, and the next Acquire that asks for their like
// gets them, or removes those that are in its way. What is half made or half gone is removed.
//
// A fault that a GPU reports (XID) bars the partition that it is ascribed to, or all on that GPU:
// Scrub refuses it. Unless it is of a kind that programs cause by themselves, the whole GPU is
// fenced, and nothing is taken of it until the backend is opened again.
//
// kUnavailable: the driver does not answer, or the journal cannot be written.
base::Result<std::unique_ptr<DeviceBackend>> OpenGpuPartitions(std::shared_ptr<GpuDriver> driver,
                                                               InstanceJournal journal,
                                                               GpuPartitionsOptions options);

}  // namespace bulkhead::device
