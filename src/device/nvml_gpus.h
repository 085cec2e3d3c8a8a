// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "device/gpu_driver.h"

namespace bulkhead::device {

// The GPUs of this machine through `library`, by its usual name "libnvidia-ml.so.1". `root` is put
// before the paths of /proc that are read. One session with the library for the life of the object.
// A GPU that is lost is not listed. kUnavailable: no driver, or it does not answer. kDenied: a GPU
// is cut and we may not administer its instances.
base::Result<std::shared_ptr<GpuDriver>> OpenNvmlGpus(const std::filesystem::path& library,
                                                      const std::filesystem::path& root);

}  // namespace bulkhead::device
