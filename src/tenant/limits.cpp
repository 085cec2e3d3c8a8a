// SPDX-License-Identifier: Apache-2.0
#include "tenant/limits.h"

#include <string>
#include <string_view>

#include "tenant/rate_limit.h"

namespace bulkhead::tenant {
namespace {

std::string_view WhatOf(Limit limit) {
  switch (limit) {
    case Limit::kFramesPerSecond:
      return " frames per second";
    case Limit::kBytesPerSecond:
      return " bytes per second";
    case Limit::kRequestsInFlight:
      return " requests at once";
    case Limit::kFramesPerMonth:
      return " frames per calendar month";
  }
  return "";
}

}  // namespace

uint64_t SecondsUp(int64_t ns) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  return ns <= 0 ? 0 : static_cast<uint64_t>((ns - 1) / kSecondNs + 1);
}

base::Error RefusalError(const Refusal& refusal) {
  std::string message = "the limit of " + std::to_string(refusal.quota);
  message += WhatOf(refusal.limit);
  message += refusal.wait_ns == RateLimit::kNever
                 ? " allows no such request"
                 : " is reached; try again in " + std::to_string(SecondsUp(refusal.wait_ns)) + " s";
  return base::PublicError(base::Code::kExhausted, std::move(message));
}

}  // namespace bulkhead::tenant
