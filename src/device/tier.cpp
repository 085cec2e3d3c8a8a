// SPDX-License-Identifier: Apache-2.0
#include "device/tier.h"

namespace bulkhead::device {
namespace {

constexpr Tier kTiers[] = {Tier::kHard, Tier::kDedicated, Tier::kCpu, Tier::kSoft};

}  // namespace

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

std::optional<Tier> ParseTier(std::string_view name) {
  for (const Tier tier : kTiers) {
    if (TierName(tier) == name) return tier;
  }
  return std::nullopt;
}

}  // namespace bulkhead::device
