// SPDX-License-Identifier: Apache-2.0
#include "device/device_backend.h"

namespace bulkhead::device {

std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kHard:
      return "hard";
    case Tier::kDedicated:
      return "dedicated";
    case Tier::kCpu:
      return "cpu";
    case Tier::kSoft:
      return "soft";
  }
  return "unknown";
}

}  // namespace bulkhead::device
