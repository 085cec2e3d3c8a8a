// SPDX-License-Identifier: Apache-2.0
// A tenant's limits as those outside see them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace bulkhead::tenant {

enum class Limit : uint8_t {
  kFramesPerSecond,
  kBytesPerSecond,
  kRequestsInFlight,
  kFramesPerMonth
};

// How one limit stands.
struct LimitState {
  Limit limit = Limit::kFramesPerSecond;
  uint64_t quota = 0;  // what fits into a full bucket or month
  uint64_t remaining = 0;
  std::optional<uint64_t> window_s;  // in which a whole quota comes back; none: no matter of time
  std::optional<uint64_t> reset_s;   // until all of it is back, rounded up
};

// The limit that a request broke, and when to come back.
struct Refusal {
  Limit limit = Limit::kFramesPerSecond;
  uint64_t quota = 0;   // as in the tenant's Quota
  int64_t wait_ns = 0;  // RateLimit::kNever: the limit allows none at all
};

// Nanoseconds as whole seconds, rounded up; 0 for none and fewer.
[[nodiscard]] uint64_t SecondsUp(int64_t ns);

// kExhausted with a public message that names the limit and the wait.
[[nodiscard]] base::Error RefusalError(const Refusal& refusal);

}  // namespace bulkhead::tenant
