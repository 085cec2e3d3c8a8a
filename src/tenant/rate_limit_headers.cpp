// SPDX-License-Identifier: Apache-2.0
#include "tenant/rate_limit_headers.h"

#include <algorithm>
#include <string_view>

namespace bulkhead::tenant {
namespace {

// The largest integer of a structured field (RFC 9651, section 3.3.1).
constexpr uint64_t kIntegerMax = 999'999'999'999'999;

struct Item {
  std::string_view name;
  std::string_view unit;  // of the draft's registry; empty: its default, or ours alone
};

Item ItemOf(Limit limit) {
  switch (limit) {
    case Limit::kFramesPerSecond:
      return {"frames", ""};
    case Limit::kBytesPerSecond:
      return {"bytes", "content-bytes"};
    case Limit::kRequestsInFlight:
      return {"in-flight", "concurrent-requests"};
    case Limit::kFramesPerMonth:
      return {"frames-month", ""};
  }
  return {};
}

void AppendInteger(std::string_view parameter, uint64_t value, std::string& field) {
  field += parameter;
  field += std::to_string(std::min(value, kIntegerMax));
}

void BeginItem(const LimitState& state, std::string& field) {
  if (!field.empty()) field += ", ";
  field += '"';
  field += ItemOf(state.limit).name;
  field += '"';
}

}  // namespace

std::string RateLimitPolicyField(std::span<const LimitState> limits) {
  std::string field;
  for (const LimitState& state : limits) {
    BeginItem(state, field);
    AppendInteger(";q=", state.quota, field);
    const std::string_view unit = ItemOf(state.limit).unit;
    if (!unit.empty()) field.append(";qu=\"").append(unit).append("\"");
    if (state.window_s) AppendInteger(";w=", *state.window_s, field);
  }
  return field;
}

std::string RateLimitField(std::span<const LimitState> limits) {
  std::string field;
  for (const LimitState& state : limits) {
    BeginItem(state, field);
    AppendInteger(";r=", state.remaining, field);
    if (state.reset_s) AppendInteger(";t=", *state.reset_s, field);
  }
  return field;
}

std::string RetryAfterField(int64_t wait_ns) {
  constexpr uint64_t kLongestS = uint64_t{31} * 24 * 3600;
  return std::to_string(std::clamp<uint64_t>(SecondsUp(wait_ns), 1, kLongestS));
}

}  // namespace bulkhead::tenant
