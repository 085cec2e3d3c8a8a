// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "release/policy.h"

namespace bulkhead::release {

inline constexpr std::size_t kPolicyBytesMax = std::size_t{64} << 10;

// kInvalid: not a policy, with the field that is wrong; safe to show to its tenant. kUnsupported: a
// newer release's.
base::Result<Policy> ParsePolicy(std::span<const std::byte> document);

}  // namespace bulkhead::release
