// SPDX-License-Identifier: Apache-2.0
// The fields of draft-ietf-httpapi-ratelimit-headers (its form since revision 08: a list of items,
// one per policy) and Retry-After (RFC 9110, section 10.2.3).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tenant/limits.h"

namespace bulkhead::tenant {

// Value of `RateLimit-Policy`: `"frames";q=20;w=1, "frames-month";q=100000;w=2592000`. Empty for no
// limits: send no field then.
[[nodiscard]] std::string RateLimitPolicyField(std::span<const LimitState> limits);

// Value of `RateLimit`: `"frames";r=12;t=1, "frames-month";r=99990;t=86400`.
[[nodiscard]] std::string RateLimitField(std::span<const LimitState> limits);

// Value of `Retry-After`: whole seconds, rounded up, from 1 to 31 days.
[[nodiscard]] std::string RetryAfterField(int64_t wait_ns);

}  // namespace bulkhead::tenant
