// SPDX-License-Identifier: Apache-2.0
#include "packing/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "packing/check_that.h"
#include "planner/packing.h"

namespace bulkhead::bench {
namespace {

using planner::GpuFleet;
using planner::Spot;

const mig::Profile& ProfileOf(const mig::GpuModel& model, int profile) {
  return model.profiles[static_cast<std::size_t>(profile)];
}

class Simulation {
 public:
  Simulation(const mig::GpuModel& model, int gpus, const Policy& policy)
      : policy_(policy), fleet_(std::array{&model}) {
    for (int gpu = 0; gpu < gpus; ++gpu) fleet_.Add(0);
    demand_ = EvenDemand(fleet_);
  }

  bool Arrive(int64_t owner, const Arrival& arrival) {
    EndUntil(arrival.at_h);
    const planner::Request request{.choices = {{0, arrival.profile}}};
    Count(demand_, request);
    std::optional<Spot> spot = policy_.pick(fleet_, demand_, arrival.profile);
    if (!spot && policy_.moves) spot = MakeRoom(owner, request);
    if (!spot) return false;
    CheckThat(fleet_.Hold(spot->gpu, {spot->instance, owner}), "a place where it fits");
    spots_[owner] = *spot;
    ends_.emplace(arrival.at_h + arrival.lifetime_h, owner);
    return true;
  }

  [[nodiscard]] int moves() const { return moves_; }

 private:
  void EndUntil(double now_h) {
    for (; !ends_.empty() && ends_.top().first <= now_h; ends_.pop()) {
      const auto found = spots_.find(ends_.top().second);
      fleet_.Release(found->second.gpu, found->second.instance);
      spots_.erase(found);
    }
  }

  std::optional<Spot> MakeRoom(int64_t owner, const planner::Request& request) {
    const planner::MovePlan plan = PlanRoom(fleet_, demand_, request, owner, kMovesAllowed);
    if (!plan.spot) return std::nullopt;
    for (const planner::Move& move : plan.moves) {
      CheckThat(fleet_.Hold(move.to.gpu, {move.to.instance, move.owner}),
                "a move that can be made");
      fleet_.Release(move.from.gpu, move.from.instance);
      spots_[move.owner] = move.to;
      ++moves_;
    }
    return plan.spot;
  }

  const Policy& policy_;
  GpuFleet fleet_;
  planner::Demand demand_;
  using End = std::pair<double, int64_t>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::unordered_map<int64_t, Spot> spots_;
  int moves_ = 0;
};

// What is asked for from one moment to the next, by profile.
using Asked = std::vector<int>;

void ForEachSpan(const mig::GpuModel& model, const Trace& trace,
                 const std::function<void(const Asked&, double hours)>& visit) {
  std::vector<std::tuple<double, int, int>> changes;
  for (const Arrival& one : trace.arrivals) {
    changes.emplace_back(one.at_h, 1, one.profile);
    changes.emplace_back(one.at_h + one.lifetime_h, -1, one.profile);
  }
  std::ranges::sort(changes);
  Asked asked(model.profiles.size());
  for (std::size_t at = 0; at < changes.size(); ++at) {
    const auto& [hour, change, profile] = changes[at];
    asked[static_cast<std::size_t>(profile)] += change;
    if (at + 1 < changes.size()) visit(asked, std::get<0>(changes[at + 1]) - hour);
  }
}

double SlicesAsked(const mig::GpuModel& model, const Asked& asked) {
  double slices = 0;
  for (std::size_t at = 0; at < asked.size(); ++at) slices += asked[at] * model.profiles[at].slices;
  return slices;
}

// The most slices at once, if instances could be cut into parts: those first that have the most
// slices for their units.
double SlicesBound(const mig::GpuModel& model, const Asked& asked, int gpus) {
  std::vector<std::size_t> order(asked.size());
  for (std::size_t at = 0; at < order.size(); ++at) order[at] = at;
  std::ranges::stable_sort(order, [&](std::size_t one, std::size_t other) {
    return model.profiles[one].slices * model.profiles[other].units >
           model.profiles[other].slices * model.profiles[one].units;
  });
  double units = static_cast<double>(gpus) * model.units;
  double slices = 0;
  for (const std::size_t at : order) {
    const double taken = std::min<double>(units, asked[at] * model.profiles[at].units);
    units -= taken;
    slices += taken * model.profiles[at].slices / model.profiles[at].units;
  }
  return std::min(slices, static_cast<double>(gpus) * model.profiles.back().slices);
}

}  // namespace

Outcome Simulate(const mig::GpuModel& model, const Trace& trace, int gpus, const Policy& policy,
                 bool stop_at_refusal) {
  Simulation simulation(model, gpus, policy);
  Outcome outcome;
  double asked = 0;
  double accepted = 0;
  for (std::size_t at = 0; at < trace.arrivals.size(); ++at) {
    const Arrival& arrival = trace.arrivals[at];
    const double hours = ProfileOf(model, arrival.profile).slices * arrival.lifetime_h;
    asked += hours;
    if (simulation.Arrive(static_cast<int64_t>(at), arrival)) {
      accepted += hours;
    } else {
      ++outcome.refused;
      if (stop_at_refusal) break;
    }
  }
  const auto count = static_cast<double>(trace.arrivals.size());
  outcome.slice_hours = accepted / asked;
  outcome.requests = (count - outcome.refused) / count;
  outcome.moves = simulation.moves();
  return outcome;
}

int GpusNeeded(const mig::GpuModel& model, const Trace& trace, const Policy& policy) {
  const auto enough = [&](int gpus) {
    return Simulate(model, trace, gpus, policy, true).refused == 0;
  };
  int low = std::max(1, GpusBound(model, trace));
  int high = low;
  for (int more = 1; !enough(high); more *= 2) {
    low = high + 1;
    high += more;
  }
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (enough(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

double SliceHoursBound(const mig::GpuModel& model, const Trace& trace, int gpus) {
  double asked_hours = 0;
  double bound_hours = 0;
  ForEachSpan(model, trace, [&](const Asked& asked, double hours) {
    asked_hours += SlicesAsked(model, asked) * hours;
    bound_hours += SlicesBound(model, asked, gpus) * hours;
  });
  return bound_hours / asked_hours;
}

int GpusBound(const mig::GpuModel& model, const Trace& trace) {
  Asked most;
  int64_t most_units = -1;
  ForEachSpan(model, trace, [&](const Asked& asked, double) {
    int64_t units = 0;
    for (std::size_t at = 0; at < asked.size(); ++at) units += asked[at] * model.profiles[at].units;
    if (units <= most_units) return;
    most_units = units;
    most = asked;
  });
  std::vector<planner::Wanted> wanted;
  for (std::size_t at = 0; at < most.size(); ++at) {
    const planner::Request request{.choices = {{0, static_cast<int>(at)}}};
    wanted.insert(wanted.end(), static_cast<std::size_t>(most[at]), {request, 1});
  }
  GpuFleet fleet(std::array{&model});
  for (std::size_t gpu = 0; gpu < wanted.size(); ++gpu) fleet.Add(0);
  return PackAll(fleet, wanted, 1).gpus_bound;
}

}  // namespace bulkhead::bench
