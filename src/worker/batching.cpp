// SPDX-License-Identifier: Apache-2.0
#include "worker/batching.h"

#include <algorithm>

namespace bulkhead::worker {

BatchDecision DecideBatch(const WaitingFrames& waiting, const BatchPolicy& policy,
                          std::chrono::nanoseconds now) {
  const std::size_t run = std::min(waiting.count, std::max<std::size_t>(policy.frames_max, 1));
  if (waiting.count <= 1 || waiting.count >= policy.frames_max || waiting.last) return {run};
  std::chrono::nanoseconds until = waiting.oldest_arrival + policy.wait;
  if (waiting.earliest_deadline.count() != 0) {
    until = std::min(until, waiting.earliest_deadline - policy.wait);
  }
  if (now >= until) return {run};
  return {0, until};
}

}  // namespace bulkhead::worker
