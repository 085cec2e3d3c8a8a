// SPDX-License-Identifier: Apache-2.0
// Any text as an inventory of GPUs: what is read can be simulated and is written again the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "device/inventory_file.h"
#include "mig/layout.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  namespace device = bulkhead::device;
  const auto gpus =
      device::ParseInventory(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!gpus.ok()) {
    BH_CHECK(gpus.error().code == bulkhead::base::Code::kCorrupt);
    return 0;
  }
  const std::string written = device::FormatInventory(gpus.value());
  BH_CHECK(device::FormatInventory(device::ParseInventory(written).value()) == written);
  for (const device::Gpu& gpu : gpus.value()) {
    std::vector<bulkhead::mig::Instance> there;
    for (const device::GpuInstance& one : gpu.instances) there.push_back({one.profile, one.start});
    for (int i = 0; i < static_cast<int>(gpu.model.profiles.size()); ++i) {
      (void)bulkhead::mig::FreeStarts(gpu.model, there, i);
    }
  }
  return 0;
}
