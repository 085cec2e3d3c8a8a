// SPDX-License-Identifier: Apache-2.0
#include "planner/step_run.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace bulkhead::planner {

StepRun::StepRun(std::vector<Found> found, std::vector<Step> steps)
    : found_(std::move(found)), steps_(std::move(steps)) {}

std::optional<Step> StepRun::Next() const {
  if (next_ == steps_.size()) return std::nullopt;
  return steps_[next_];
}

void StepRun::Done() {
  BH_CHECK(next_ < steps_.size());
  Apply(steps_[next_]);
  ++next_;
  tries_ = 0;
}

void StepRun::Failed() {
  BH_CHECK(next_ < steps_.size());
  if (!failed_) {
    failed_ = true;
    steps_ = StepsToSettle(found_);
    next_ = 0;
    return;
  }
  // One that is stuck keeps nobody else from being put in order.
  if (++tries_ < kSettleTriesMax) return;
  tries_ = 0;
  const Step given_up = steps_[next_];
  while (next_ < steps_.size() && steps_[next_].owner == given_up.owner &&
         steps_[next_].spot == given_up.spot) {
    ++next_;
  }
}

std::vector<Found>::iterator StepRun::Find(const Spot& spot, int64_t owner) {
  const auto found = std::ranges::find_if(
      found_, [&](const Found& one) { return one.spot == spot && one.owner == owner; });
  BH_CHECK(found != found_.end());
  return found;
}

void StepRun::Apply(const Step& step) {
  switch (step.kind) {
    case StepKind::kStart: {
      const bool alone = std::ranges::count(found_, step.owner, &Found::owner) == 0;
      found_.push_back({step.spot, step.owner, alone ? Role::kServing : Role::kStarting});
      return;
    }
    case StepKind::kSwitch:
      BH_CHECK(step.old_spot.has_value());
      Find(*step.old_spot, step.owner)->role = Role::kLeaving;
      Find(step.spot, step.owner)->role = Role::kServing;
      return;
    case StepKind::kDrain:
      return;
    case StepKind::kDestroy:
      found_.erase(Find(step.spot, step.owner));
      return;
  }
}

}  // namespace bulkhead::planner
