// SPDX-License-Identifier: Apache-2.0
#include "planner/placement.h"

#include <random>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/test_models.h"

namespace bulkhead::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

GpuFleet FleetOf(const std::vector<const mig::GpuModel*>& models, int gpus_of_each) {
  GpuFleet fleet(models);
  for (int gpu = 0; gpu < gpus_of_each * fleet.kinds(); ++gpu) {
    const int kind = gpu % fleet.kinds();
    fleet.Add(kind, fleet.Model(kind).mig() ? GpuMode::kCut : GpuMode::kWhole);
  }
  return fleet;
}

Request For(int kind, int profile) {
  return {.choices = {{kind, profile}}, .separation = Separation::kInstance};
}

int Named(std::string_view name) { return ProfileNamed(A100(), name); }

TEST(Placement, PutsASmallInstanceWhereNothingLargeIsLost) {
  const GpuFleet fleet = FleetOf({&A100()}, 1);
  // At 6, beside the unit that only 1g.10gb, 3g and 7g can use: 4g stays, and so do all 2g.
  const Placement placement = PlaceOne(fleet, EvenDemand(fleet), For(0, Named("1g.5gb")));
  EXPECT_EQ(placement.spot, (Spot{0, {Named("1g.5gb"), 6}}));
}

TEST(Placement, FillsAGpuInUseBeforeAnEmptyOne) {
  GpuFleet fleet = FleetOf({&A100()}, 3);
  ASSERT_TRUE(fleet.Hold(2, {{Named("4g.20gb"), 0}, 7}));
  const Placement placement = PlaceOne(fleet, EvenDemand(fleet), For(0, Named("3g.20gb")));
  EXPECT_EQ(placement.spot, (Spot{2, {Named("3g.20gb"), 4}}));
}

TEST(Placement, LetsDemandThatIsHardlyThereDecideNothing) {
  // 2g is asked for once in ten thousand times: a 1g goes to the fuller GPU, where it takes the
  // last place of a 2g, although the other one has a unit that no 2g can use.
  GpuFleet fleet = FleetOf({&A100()}, 2);
  Demand demand{std::vector<uint32_t>(A100().profiles.size())};
  demand[0][static_cast<std::size_t>(Named("1g.5gb"))] = 10'000;
  demand[0][static_cast<std::size_t>(Named("2g.10gb"))] = 1;
  ASSERT_TRUE(fleet.Hold(0, {{Named("1g.5gb"), 0}, 1}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("4g.20gb"), 0}, 2}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("1g.5gb"), 6}, 3}));
  EXPECT_EQ(PlaceOne(fleet, demand, For(0, Named("1g.5gb"))).spot->gpu, 1);
  demand[0][static_cast<std::size_t>(Named("2g.10gb"))] = 5'000;
  EXPECT_EQ(PlaceOne(fleet, demand, For(0, Named("1g.5gb"))).spot, (Spot{0, {Named("1g.5gb"), 1}}));
}

TEST(Placement, TakesTheFirstPreferenceThatHasRoom) {
  GpuFleet fleet = FleetOf({&A100(), &TwelveUnits()}, 1);
  const Request request{.choices = {{1, ProfileNamed(TwelveUnits(), "4g")}, {0, Named("7g.40gb")}}};
  EXPECT_EQ(PlaceOne(fleet, EvenDemand(fleet), request).spot->gpu, 1);
  ASSERT_TRUE(fleet.Hold(1, {{ProfileNamed(TwelveUnits(), "1g"), 0}, 7}));
  EXPECT_EQ(PlaceOne(fleet, EvenDemand(fleet), request).spot->gpu, 0);
}

TEST(Placement, NeverUsesAFencedGpu) {
  GpuFleet fleet = FleetOf({&A100()}, 2);
  fleet.SetUsable(0, false);
  EXPECT_EQ(PlaceOne(fleet, EvenDemand(fleet), For(0, 0)).spot->gpu, 1);
  fleet.SetUsable(1, false);
  const Placement refused = PlaceOne(fleet, EvenDemand(fleet), For(0, Named("1g.5gb")));
  EXPECT_FALSE(refused.spot);
  EXPECT_THAT(refused.reasons, ElementsAre("A100-40GB: no GPU to cut for 1g.5gb; 2 fenced"));
  fleet.SetUsable(0, true);
  EXPECT_EQ(PlaceOne(fleet, EvenDemand(fleet), For(0, 0)).spot->gpu, 0);
}

TEST(Placement, GivesLessSeparationThanAskedForToNobody) {
  GpuFleet fleet = FleetOf({&A100()}, 1);
  Request request = For(0, Named("7g.40gb"));
  request.separation = Separation::kGpu;
  const Placement refused = PlaceOne(fleet, EvenDemand(fleet), request);
  EXPECT_FALSE(refused.spot);
  EXPECT_THAT(refused.reasons, ElementsAre(HasSubstr("a GPU of its own is asked for")));
}

TEST(Placement, GivesAWholeGpuOnceAndOnlyWhereItIsNotCut) {
  GpuFleet fleet = FleetOf({&A100(), &Plain()}, 1);
  const Request request{.choices = {{0, kWholeGpu}, {1, kWholeGpu}},
                        .separation = Separation::kGpu};
  const Placement placed = PlaceOne(fleet, EvenDemand(fleet), request);
  EXPECT_EQ(placed.spot, (Spot{1, {kWholeGpu, 0}}));
  ASSERT_TRUE(fleet.Hold(1, {placed.spot->instance, 7}));
  const Placement refused = PlaceOne(fleet, EvenDemand(fleet), request);
  EXPECT_THAT(refused.reasons, ElementsAre("A100-40GB: no whole GPU is free (0 taken, 1 cut)",
                                           "plain: no whole GPU is free (1 taken, 0 cut)"));
}

TEST(Placement, SaysWhatWouldHaveToMove) {
  GpuFleet fleet = FleetOf({&A100()}, 2);
  // Two units are free at 0 and two at 4 of the first; the second is full.
  ASSERT_TRUE(fleet.Hold(0, {{Named("2g.10gb"), 2}, 1}));
  ASSERT_TRUE(fleet.Hold(0, {{Named("1g.10gb"), 6}, 2}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("7g.40gb"), 0}, 3}));
  const Placement refused = PlaceOne(fleet, EvenDemand(fleet), For(0, Named("3g.20gb")));
  EXPECT_THAT(refused.reasons,
              ElementsAre("A100-40GB: none of 2 GPUs has 4 free units from 0 or 4 for 3g.20gb; "
                          "1 GPU would have after moving 1 instance"));
}

TEST(Placement, DoesNotOfferToMoveWhatIsForeign) {
  GpuFleet fleet = FleetOf({&A100()}, 1);
  ASSERT_TRUE(fleet.Hold(0, {{Named("2g.10gb"), 2}, kForeign}));
  ASSERT_TRUE(fleet.Hold(0, {{Named("1g.10gb"), 6}, kForeign}));
  EXPECT_THAT(PlaceOne(fleet, EvenDemand(fleet), For(0, Named("3g.20gb"))).reasons,
              ElementsAre(HasSubstr("moving 1 instance would not help")));
}

TEST(Placement, SaysSoWhenNothingWouldDo) {
  const GpuFleet fleet = FleetOf({&A100()}, 1);
  EXPECT_THAT(PlaceOne(fleet, EvenDemand(fleet), {}).reasons,
              ElementsAre("no kind of GPU would do"));
  for (const Choice& choice : {Choice{1, 0}, Choice{0, 99}, Choice{-1, 0}, Choice{0, -2}}) {
    const Placement refused = PlaceOne(fleet, EvenDemand(fleet), {.choices = {choice}});
    EXPECT_FALSE(refused.spot);
    EXPECT_THAT(refused.reasons, ElementsAre("the fleet has no such kind of GPU or profile"));
    Demand demand = EvenDemand(fleet);
    Count(demand, {.choices = {choice}});
    EXPECT_EQ(demand, EvenDemand(fleet));
  }
}

// The same choice by looking at every GPU.
std::optional<Spot> SlowPlace(const GpuFleet& fleet, const Demand& demand, const Choice& choice) {
  std::optional<std::tuple<int64_t, int, int, int>> best;
  const std::vector<int64_t> prices = PricesOf(fleet, demand, choice.kind);
  const OccupancyGraph& graph = fleet.Graph(choice.kind);
  for (int at = 0; at < fleet.size(); ++at) {
    const FleetGpu& gpu = fleet.Gpu(at);
    if (gpu.kind != choice.kind || !gpu.usable) continue;
    for (const Placing& placing : graph.Placings(gpu.state, choice.profile)) {
      const int64_t loss = LossOf(fleet.Rooms(gpu.kind), prices, gpu.state, placing.to);
      const std::tuple rank = {CoarseLoss(loss, prices), graph.FreeUnits(gpu.state), at,
                               placing.instance.start};
      if (!best || rank < *best) best = rank;
    }
  }
  if (!best) return std::nullopt;
  return Spot{std::get<2>(*best), {choice.profile, std::get<3>(*best)}};
}

int64_t SumOfRooms(const GpuFleet& fleet, int kind, int profile) {
  int64_t sum = 0;
  for (int at = 0; at < fleet.size(); ++at) {
    const FleetGpu& gpu = fleet.Gpu(at);
    if (gpu.kind == kind && gpu.usable) sum += fleet.Rooms(kind).Room(gpu.state, profile);
  }
  return sum;
}

void ExpectLegal(const GpuFleet& fleet) {
  for (int at = 0; at < fleet.size(); ++at) {
    std::vector<mig::Instance> instances;
    for (const Held& held : fleet.Gpu(at).held) instances.push_back(held.instance);
    EXPECT_TRUE(mig::IsLegal(fleet.Model(fleet.Gpu(at).kind), instances));
  }
}

TEST(Placement, StaysLegalAndEqualsTheSlowSearchOverRandomHistories) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    GpuFleet fleet = FleetOf({&A100(), &TwelveUnits(), &SixteenUnits()}, 4);
    Demand demand = EvenDemand(fleet);
    std::vector<Spot> held;
    for (int step = 0; step < 400; ++step) {
      if (random() % 10 == 0) fleet.SetUsable(static_cast<int>(random() % 12), random() % 3 != 0);
      if (!held.empty() && random() % 5 < 2) {
        std::swap(held[random() % held.size()], held.back());
        ASSERT_TRUE(fleet.Release(held.back().gpu, held.back().instance));
        held.pop_back();
        continue;
      }
      const int kind = static_cast<int>(random() % 3);
      const Choice choice{kind, static_cast<int>(random() % fleet.Model(kind).profiles.size())};
      Count(demand, {.choices = {choice}});
      const Placement placement = PlaceOne(fleet, demand, {.choices = {choice}});
      ASSERT_EQ(placement.spot, SlowPlace(fleet, demand, choice));
      EXPECT_EQ(fleet.Room(kind, choice.profile), SumOfRooms(fleet, kind, choice.profile));
      if (!placement.spot) continue;
      ASSERT_TRUE(fleet.Hold(placement.spot->gpu, {placement.spot->instance, step}));
      held.push_back(*placement.spot);
    }
    ExpectLegal(fleet);
  }
}

TEST(Demand, HalvesWhatIsLongAgo) {
  const GpuFleet fleet = FleetOf({&A100()}, 1);
  Demand demand = EvenDemand(fleet);
  demand[0][1] = kDemandMax;
  demand[0][0] = 8;
  Count(demand, For(0, 1));
  EXPECT_EQ(demand[0][1], kDemandMax / 2 + 1);
  EXPECT_EQ(demand[0][0], 4U);
}

TEST(GpuFleet, RefusesWhatDoesNotFit) {
  GpuFleet fleet = FleetOf({&A100(), &Plain()}, 1);
  EXPECT_TRUE(fleet.Hold(0, {{Named("3g.20gb"), 4}, 1}));
  EXPECT_FALSE(fleet.Hold(0, {{Named("2g.10gb"), 4}, 2}));
  EXPECT_FALSE(fleet.Hold(0, {{99, 0}, 2}));
  EXPECT_FALSE(fleet.Hold(0, {{kWholeGpu, 0}, 2}));
  EXPECT_FALSE(fleet.Hold(1, {{0, 0}, 2}));
  EXPECT_FALSE(fleet.Release(0, {Named("3g.20gb"), 0}));
  EXPECT_TRUE(fleet.Release(0, {Named("3g.20gb"), 4}));
  EXPECT_EQ(fleet.Gpu(0).state, 0);
}

}  // namespace
}  // namespace bulkhead::planner
