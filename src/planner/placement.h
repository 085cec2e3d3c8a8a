// SPDX-License-Identifier: Apache-2.0
// Where one deployment goes. The GPU and the start are those that cost the fleet least of what it
// could still take (docs/planning.md has the objective and where it comes from).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "planner/gpu_fleet.h"

namespace bulkhead::planner {

// One kind of GPU on which a deployment would do, and with what of it.
struct Choice {
  int kind = 0;
  int profile = 0;  // or kWholeGpu
  friend bool operator==(const Choice&, const Choice&) = default;
};

// The least that may separate a deployment from others. More is always allowed.
enum class Separation {
  kInstance,  // a GPU instance of its own
  kGpu,       // a GPU of its own that is not cut
};

struct Request {
  std::vector<Choice>
      choices;  // in order of preference; the first for which there is room is taken
  Separation separation = Separation::kInstance;
};

// How often each profile of each kind is asked for, in any unit: [kind][profile].
using Demand = std::vector<std::vector<uint32_t>>;
inline constexpr uint32_t kDemandMax = uint32_t{1} << 20;

// Every profile of every kind alike: what is known before anything was asked.
Demand EvenDemand(const GpuFleet& fleet);
// One more request, counted for each of its choices that the fleet has. When a count would pass
// kDemandMax, all are halved, so that what was long ago weighs less.
void Count(Demand& demand, const Request& request);

struct Spot {
  int gpu = 0;
  mig::Instance instance;  // profile kWholeGpu: the GPU
  friend bool operator==(const Spot&, const Spot&) = default;
};

struct Placement {
  std::optional<Spot> spot;
  std::vector<std::string> reasons;  // without a spot: why not, for people; one for each choice
};

// Pure and deterministic: of equal losses (by CoarseLoss) the fuller GPU, of those the GPU of the
// lowest index and then the lowest start. O(states of the fleet) and independent of the number of
// GPUs, unless it refuses. Choices that the fleet does not have, or that separate too little, are
// passed over with a reason.
Placement PlaceOne(const GpuFleet& fleet, const Demand& demand, const Request& request);

// What each profile's place is worth now, by profile: asked for, times its units, over one more
// than the room there is for it. Dear is what is asked for, large and scarce.
std::vector<int64_t> PricesOf(const GpuFleet& fleet, const Demand& demand, int kind);

// What the fleet loses when a GPU goes from one state to the other, at these prices.
int64_t LossOf(const RoomTable& rooms, const std::vector<int64_t>& prices, int from, int to);

// A loss in 64ths of what one place of every profile is worth together, rounded. Less than that is
// noise in the demand, and must not outweigh that a GPU is fuller (docs/planning.md, measured).
int64_t CoarseLoss(int64_t loss, const std::vector<int64_t>& prices);

}  // namespace bulkhead::planner
