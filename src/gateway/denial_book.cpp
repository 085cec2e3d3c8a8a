// SPDX-License-Identifier: Apache-2.0
#include "gateway/denial_book.h"

#include <utility>

namespace bulkhead::gateway {

void DenialBook::Add(Denial denial) {
  const auto found = counts_.find(denial);
  if (found != counts_.end()) {
    ++found->second;
    return;
  }
  std::size_t& distinct = distinct_[denial.tenant];
  if (distinct == kDistinctMax) {
    Denial folded{
        std::move(denial.tenant), denial.kind, "further ones, counted together", {}, {}, {}};
    const auto [at, added] = counts_.try_emplace(folded, 0);
    if (added) {
      fresh_.push_back(std::move(folded));
    } else {
      ++at->second;
    }
    return;
  }
  ++distinct;
  counts_.emplace(denial, 0);
  fresh_.push_back(std::move(denial));
}

std::vector<CountedDenial> DenialBook::Take(std::chrono::nanoseconds now) {
  if (now >= window_end_) {
    window_end_ = now + kWindow;
    return TakeAll();
  }
  std::vector<CountedDenial> told;
  for (Denial& denial : fresh_) told.push_back({std::move(denial), 0});
  fresh_.clear();
  return told;
}

std::vector<CountedDenial> DenialBook::TakeAll() {
  std::vector<CountedDenial> told;
  for (Denial& denial : std::exchange(fresh_, {})) told.push_back({std::move(denial), 0});
  for (const auto& [denial, further] : counts_) {
    if (further > 0) told.push_back({denial, further});
  }
  counts_.clear();
  distinct_.clear();
  return told;
}

}  // namespace bulkhead::gateway
