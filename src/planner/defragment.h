// SPDX-License-Identifier: Apache-2.0
// Making room beside running instances: an ordered list of steps in which every deployment keeps a
// serving instance, and a GPU is cut anew around those that stay.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "planner/placement.h"

namespace bulkhead::planner {

// What a plan may disturb.
struct Disruption {
  int moves_max = 4;
  int units_max = 16;  // of all moved instances together
  int at_once = 1;     // moves that are under way together
};

// One move is four steps. The new instance is made while the old one serves, so it needs free room;
// units are free again after kDestroy.
enum class StepKind {
  kStart,    // make the instance and start the deployment on it
  kSwitch,   // send its requests to `spot`, none to `old_spot` any more
  kDrain,    // wait until the instance answers nothing any more
  kDestroy,  // end the worker and give up the instance
};

struct Step {
  StepKind kind = StepKind::kStart;
  int64_t owner = 0;
  Spot spot;
  std::optional<Spot> old_spot;  // of kSwitch
  // Steps of one wave may overlap, those of one move in their order; a wave begins when the one
  // before it has ended.
  int wave = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

struct Move {
  int64_t owner = 0;
  Spot from;
  Spot to;
  friend bool operator==(const Move&, const Move&) = default;
};

struct MovePlan {
  std::vector<Move> moves;  // one after the other possible
  std::vector<Step> steps;
  std::optional<Spot> spot;  // where the wanted instance goes; it is started by the last step
  std::string reason;        // without one: why not
};

// Room for `request`, of owner `owner`, by the fewest moved units that are found: first of what is
// in the way itself, then of what is in the way of that. An instance keeps its kind and profile.
// Foreign instances and those of fenced GPUs stay. Pure and deterministic; a search cut off at some
// hundred candidates, so that a plan may be missed.
MovePlan PlanRoom(const GpuFleet& fleet, const Demand& demand, const Request& request,
                  int64_t owner, const Disruption& limits);

// Moves after which the fleet could take more of what is asked for, the best first; none that does
// not gain. Planned again and again it ends, since every move raises the same sum.
MovePlan PlanConsolidation(const GpuFleet& fleet, const Demand& demand, const Disruption& limits);

// The steps for moves, in waves of at most `at_once`.
std::vector<Step> StepsOf(const GpuFleet& fleet, std::span<const Move> moves, int at_once);

enum class Role {
  kServing,
  kStarting,  // started, not switched to yet
  kLeaving,   // switched away from
};

struct Found {
  Spot spot;
  int64_t owner = 0;
  Role role = Role::kServing;
};

// After a crash or a failed step: what is leaving is drained and destroyed, what was starting is
// given up. Then every deployment has one instance again, and may be planned for as ever.
std::vector<Step> StepsToSettle(std::span<const Found> found);

}  // namespace bulkhead::planner
