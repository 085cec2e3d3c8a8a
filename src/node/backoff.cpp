// SPDX-License-Identifier: Apache-2.0
#include "node/backoff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace bulkhead::node {

std::optional<std::chrono::nanoseconds> NextWait(const BackoffPolicy& policy, TimePoint now,
                                                 std::chrono::nanoseconds ran,
                                                 std::mt19937_64& random, Backoff& backoff) {
  std::erase_if(backoff.failures, [&](TimePoint then) { return now - then >= policy.window; });
  backoff.failures.push_back(now);
  if (backoff.failures.size() >= static_cast<std::size_t>(std::max(policy.failures_max, 1))) {
    return std::nullopt;
  }
  if (ran >= policy.stable_after) backoff.doublings = 0;
  std::chrono::nanoseconds wait = policy.first;
  for (int i = 0; i < backoff.doublings && wait < policy.longest; ++i) wait *= 2;
  wait = std::min<std::chrono::nanoseconds>(wait, policy.longest);
  if (wait < policy.longest) ++backoff.doublings;
  const auto half = static_cast<uint64_t>(wait.count() / 2);
  return wait - std::chrono::nanoseconds(random() % (half + 1));
}

}  // namespace bulkhead::node
