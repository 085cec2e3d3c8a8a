// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::device {

// Isolation strength: hard = own MIG GPU instance, dedicated = own GPU, cpu = own cores and memory,
// soft = shared, same trust only.
enum class Tier : uint8_t { kHard, kDedicated, kCpu, kSoft };

std::string_view TierName(Tier tier);
std::optional<Tier> ParseTier(std::string_view name);

}  // namespace bulkhead::device
