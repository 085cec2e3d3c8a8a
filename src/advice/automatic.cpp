// SPDX-License-Identifier: Apache-2.0
#include "advice/automatic.h"

#include <algorithm>
#include <cstddef>

namespace bulkhead::advice {
namespace {

constexpr int64_t kDayHours = 24;

bool IsMove(const Advice& advice) {
  return !advice.profile.empty() &&
         (advice.verdict == Verdict::kTooBig || advice.verdict == Verdict::kTooSmall);
}

bool Allowed(const AutomaticLimits& limits, const std::string& profile) {
  return limits.profiles.empty() ||
         std::ranges::find(limits.profiles, profile) != limits.profiles.end();
}

}  // namespace

std::optional<std::string> DecideMove(const AutomaticLimits& limits, int64_t hour,
                                      const std::string& deployment, const Advice& advice,
                                      AutomaticState& state) {
  AutomaticState::Standing& standing = state.deployments[deployment];
  if (!IsMove(advice) || !Allowed(limits, advice.profile)) {
    standing.advised.clear();
    standing.times = 0;
    return std::nullopt;
  }
  standing.times = standing.advised == advice.profile ? standing.times + 1 : 1;
  standing.advised = advice.profile;
  if (standing.times < limits.confirmations) return std::nullopt;
  if (standing.moved_at && hour - *standing.moved_at < limits.hours_between_moves) {
    return std::nullopt;
  }
  std::erase_if(state.moves, [hour](int64_t then) { return hour - then >= kDayHours; });
  if (state.moves.size() >= static_cast<std::size_t>(std::max(limits.moves_per_day_max, 0))) {
    return std::nullopt;
  }
  state.moves.push_back(hour);
  standing = {.advised = {}, .times = 0, .moved_at = hour};
  return advice.profile;
}

}  // namespace bulkhead::advice
