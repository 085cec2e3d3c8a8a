// SPDX-License-Identifier: Apache-2.0
// The course of a plan of moves, whatever does its steps: which one is next, and what puts things
// in order when one fails.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "planner/defragment.h"

namespace bulkhead::planner {

// How often a step that puts things in order is tried before it is left to somebody else.
constexpr int kSettleTriesMax = 3;

// Pure: ask Next, do it, say Done or Failed, until Next has nothing. Steps are done one after the
// other, so that no more moves are under way than the plan's limits allow.
//
// A step that failed is one that did nothing: of a start that came halfway the doer removes the
// half, a switch is whole or not at all, and to destroy what is gone is done. After a failure no
// further step of the plan is done, but those of StepsToSettle. What cannot be destroyed then stays
// in found(), not serving.
class StepRun {
 public:
  // `found`: every instance there is with its owner, all of them serving.
  StepRun(std::vector<Found> found, std::vector<Step> steps);

  // The step to be done now; nullopt: it is over.
  [[nodiscard]] std::optional<Step> Next() const;
  // Of the step that Next says.
  void Done();
  void Failed();

  // A step of the plan failed, so that it was not carried out to its end.
  [[nodiscard]] bool failed() const { return failed_; }
  // What is there now.
  [[nodiscard]] const std::vector<Found>& found() const { return found_; }

 private:
  std::vector<Found>::iterator Find(const Spot& spot, int64_t owner);
  void Apply(const Step& step);

  std::vector<Found> found_;
  std::vector<Step> steps_;
  std::size_t next_ = 0;
  bool failed_ = false;
  int tries_ = 0;
};

}  // namespace bulkhead::planner
