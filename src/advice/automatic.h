// SPDX-License-Identifier: Apache-2.0
// When advice is followed without asking, inside limits that an operator set.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advice/advise.h"

namespace bulkhead::advice {

struct AutomaticLimits {
  int confirmations = 3;             // the same advice so many times in a row
  int64_t hours_between_moves = 24;  // of one deployment
  int moves_per_day_max = 4;         // of all deployments, in any 24 hours
  // The only profiles to move to; empty: any.
  std::vector<std::string> profiles;
};

// What is remembered between decisions.
struct AutomaticState {
  struct Standing {
    std::string advised;  // the profile
    int times = 0;        // in a row
    std::optional<int64_t> moved_at{};
    friend bool operator==(const Standing&, const Standing&) = default;
  };
  std::map<std::string, Standing> deployments;
  std::vector<int64_t> moves;  // of the last day, ascending
  friend bool operator==(const AutomaticState&, const AutomaticState&) = default;
};

// The profile that the deployment is to be moved to now; nullopt: none. The move counts as made. An
// idle deployment is never touched: whether it goes is its owner's to say. `hour` counts from 1970
// and does not go back.
std::optional<std::string> DecideMove(const AutomaticLimits& limits, int64_t hour,
                                      const std::string& deployment, const Advice& advice,
                                      AutomaticState& state);

}  // namespace bulkhead::advice
