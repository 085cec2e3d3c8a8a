// SPDX-License-Identifier: Apache-2.0
// Any text as the driver's list of capabilities: an instance never gets those of administration,
// nor two instances the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "device/mig_minors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  namespace device = bulkhead::device;
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const int instance = data[0] % 15;
  const auto one = device::FindCapabilities(text, 0, {instance, 0});
  const auto other = device::FindCapabilities(text, 0, {instance + 1, 0});
  if (!one.ok()) return 0;
  BH_CHECK(one.value().gpu_instance > 2 && one.value().compute_instance > 2);
  BH_CHECK(one.value().gpu_instance != one.value().compute_instance);
  if (!other.ok()) return 0;
  BH_CHECK(one.value().gpu_instance != other.value().gpu_instance);
  BH_CHECK(one.value().compute_instance != other.value().compute_instance);
  return 0;
}
