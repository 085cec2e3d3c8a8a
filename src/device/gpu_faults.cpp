// SPDX-License-Identifier: Apache-2.0
#include "device/gpu_faults.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace bulkhead::device {

bool IsOfProgram(uint64_t xid) {
  constexpr std::array<uint64_t, 6> kOfPrograms{13, 31, 43, 45, 68, 69};
  return std::ranges::count(kOfPrograms, xid) > 0;
}

std::string Describe(const GpuFault& fault) {
  std::string text = fmt::format("XID {} on {}", fault.code, fault.gpu);
  if (fault.gpu_instance) text += fmt::format(", instance {}", *fault.gpu_instance);
  return text;
}

}  // namespace bulkhead::device
