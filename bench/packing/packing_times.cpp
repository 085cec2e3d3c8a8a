// SPDX-License-Identifier: Apache-2.0
#include "packing/packing_times.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include <fmt/format.h>

#include "median.h"
#include "packing/check_that.h"
#include "planner/defragment.h"
#include "planner/packing.h"

namespace bulkhead::bench {
namespace {

using planner::Choice;
using planner::GpuFleet;
using planner::GpuMode;

double MillisecondsOf(const auto& work) {
  const auto before = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - before;
  return taken.count();
}

GpuFleet EmptyFleet(int gpus) {
  std::vector<const mig::GpuModel*> models;
  for (const mig::GpuModel& model : mig::GpuModels()) {
    if (model.mig()) models.push_back(&model);
  }
  GpuFleet fleet(models);
  for (int gpu = 0; gpu < gpus; ++gpu) fleet.Add(gpu % fleet.kinds());
  return fleet;
}

// On up to three kinds, the profile of each with at least that share of its GPU.
planner::Request RequestOf(const GpuFleet& fleet, std::mt19937& random) {
  // On average 1.5; a GPU of four units has nothing below 2.
  constexpr std::array<int, 10> kEighths = {1, 1, 1, 1, 1, 1, 1, 2, 2, 4};
  const int eighths = kEighths[random() % kEighths.size()];
  planner::Request request;
  const int kinds = 1 + static_cast<int>(random() % 3);
  for (int more = 0; more < kinds; ++more) {
    const int kind = static_cast<int>(random() % static_cast<unsigned>(fleet.kinds()));
    const mig::GpuModel& model = fleet.Model(kind);
    const auto fits = [&](const mig::Profile& one) {
      return one.units * 8 >= eighths * model.units;
    };
    const auto found = std::ranges::find_if(model.profiles, fits);
    const Choice choice{kind, static_cast<int>(found - model.profiles.begin())};
    if (std::ranges::find(request.choices, choice) == request.choices.end()) {
      request.choices.push_back(choice);
    }
  }
  return request;
}

double Percentile99(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() * 99 / 100];
}

}  // namespace

Measured MeasurePlanOne() {
  constexpr int kGpus = 10'000;
  constexpr int kTakenFirst = 50'000;
  constexpr int kTimed = 2'000;
  constexpr int kRefused = 21;
  std::mt19937 random(1);
  GpuFleet fleet = EmptyFleet(kGpus);
  planner::Demand demand = EvenDemand(fleet);
  std::vector<planner::Spot> taken;
  std::vector<double> times_ms;
  for (int at = 0; at < kTakenFirst + kTimed; ++at) {
    const planner::Request request = RequestOf(fleet, random);
    planner::Placement placement;
    const double ms = MillisecondsOf([&] {
      Count(demand, request);
      placement = PlaceOne(fleet, demand, request);
      if (placement.spot) fleet.Hold(placement.spot->gpu, {placement.spot->instance, at});
    });
    CheckThat(placement.spot.has_value(), "room");
    taken.push_back(*placement.spot);
    if (at >= kTakenFirst) times_ms.push_back(ms);
    // One of three goes again, from anywhere: the fleet has many states.
    if (random() % 3 != 0) continue;
    std::swap(taken[random() % taken.size()], taken.back());
    fleet.Release(taken.back().gpu, taken.back().instance);
    taken.pop_back();
  }
  // Filled up with the largest, so that the next one is refused, with reasons.
  const Choice largest{0, static_cast<int>(fleet.Model(0).profiles.size()) - 1};
  const planner::Request request{.choices = {largest}};
  while (const auto spot = PlaceOne(fleet, demand, request).spot) {
    fleet.Hold(spot->gpu, {spot->instance, 0});
  }
  std::vector<double> refused_ms;
  std::vector<double> room_ms;
  for (int at = 0; at < kRefused; ++at) {
    refused_ms.push_back(MillisecondsOf([&] { PlaceOne(fleet, demand, request); }));
    room_ms.push_back(MillisecondsOf([&] { PlanRoom(fleet, demand, request, 0, {}); }));
  }
  return {Percentile99(times_ms),
          fmt::format("median {:.3f} ms; a refusal with reasons {:.2f} ms, room by moves {:.1f} ms",
                      Median(times_ms), Median(refused_ms), Median(room_ms))};
}

Measured MeasureReplan() {
  constexpr int kGpus = 1'000;
  constexpr int kDeployments = 5'000;
  constexpr int kRuns = 5;
  std::vector<double> times_s;
  std::string note;
  for (unsigned seed = 1; seed <= kRuns; ++seed) {
    std::mt19937 random(seed);
    const GpuFleet fleet = EmptyFleet(kGpus);
    std::vector<planner::Wanted> wanted;
    for (int at = 0; at < kDeployments; ++at) {
      const planner::Request request = RequestOf(fleet, random);
      const Choice& first = request.choices.front();
      const auto profile = static_cast<std::size_t>(first.profile);
      wanted.push_back({request, fleet.Model(first.kind).profiles[profile].slices});
    }
    planner::Packing packing;
    times_s.push_back(MillisecondsOf([&] { packing = PackAll(fleet, wanted); }) / 1000);
    note = fmt::format("weight {} of at most {}, {} GPUs of {} ({} at least)", packing.weight,
                       packing.weight_bound, packing.gpus, kGpus, packing.gpus_bound);
  }
  return {Median(times_s), note};
}

}  // namespace bulkhead::bench
