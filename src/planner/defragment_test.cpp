// SPDX-License-Identifier: Apache-2.0
#include "planner/defragment.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/consolidation.h"
#include "planner/test_models.h"
#include "planner/test_step_runner.h"

namespace bulkhead::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kWanted = 1000;

int Named(std::string_view name) { return ProfileNamed(A100(), name); }

Request For(int kind, int profile) {
  return {.choices = {{kind, profile}}, .separation = Separation::kInstance};
}

GpuFleet FleetOf(const std::vector<const mig::GpuModel*>& models, int gpus_of_each) {
  GpuFleet fleet(models);
  for (int gpu = 0; gpu < gpus_of_each * fleet.kinds(); ++gpu) fleet.Add(gpu % fleet.kinds());
  return fleet;
}

// Filled without thought, then thinned out: what months of coming and going leave.
GpuFleet Fragmented(std::mt19937& random, int gpus_of_each) {
  GpuFleet fleet = FleetOf({&A100(), &TwelveUnits(), &SixteenUnits()}, gpus_of_each);
  int64_t owner = 0;
  for (int tries = 0; tries < 40 * fleet.size(); ++tries) {
    const int gpu = static_cast<int>(random() % static_cast<unsigned>(fleet.size()));
    const auto& profiles = fleet.Model(fleet.Gpu(gpu).kind).profiles;
    const std::size_t profile = random() % profiles.size();
    if (profiles[profile].units > fleet.Model(fleet.Gpu(gpu).kind).units / 2) continue;
    const auto& starts = profiles[profile].starts;
    const mig::Instance instance{static_cast<int>(profile), starts[random() % starts.size()]};
    fleet.Hold(gpu, {instance, random() % 12 == 0 ? kForeign : owner++});
  }
  for (int gpu = 0; gpu < fleet.size(); ++gpu) {
    const std::vector<Held> held = fleet.Gpu(gpu).held;
    for (const Held& one : held) {
      if (one.owner != kForeign && random() % 5 < 3) fleet.Release(gpu, one.instance);
    }
  }
  return fleet;
}

// Moved units and moves under way, and that nobody is without an instance, at every step.
void ExpectGentle(const GpuFleet& fleet, const MovePlan& plan, const Disruption& limits) {
  EXPECT_LE(static_cast<int>(plan.moves.size()), limits.moves_max);
  int units = 0;
  for (const Move& move : plan.moves) {
    const auto& profiles = fleet.Model(fleet.Gpu(move.from.gpu).kind).profiles;
    units += profiles[static_cast<std::size_t>(move.from.instance.profile)].units;
    EXPECT_NE(move.owner, kForeign);
  }
  EXPECT_LE(units, limits.units_max);
  StepRunner runner(fleet);
  const std::set<int64_t> serving = runner.Serving();
  for (const Step& step : plan.steps) {
    ASSERT_TRUE(runner.Run(step));
    EXPECT_EQ(runner.Serving(), serving);
    EXPECT_LE(runner.UnderWay(), limits.at_once);
  }
}

TEST(PlanRoom, StartsAtOnceWhereThereIsRoom) {
  const GpuFleet fleet = FleetOf({&A100()}, 1);
  const MovePlan plan = PlanRoom(fleet, EvenDemand(fleet), For(0, Named("7g.40gb")), kWanted, {});
  EXPECT_THAT(plan.moves, IsEmpty());
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kStart, kWanted,
                                           Spot{0, {Named("7g.40gb"), 0}}, std::nullopt, 0}));
}

TEST(PlanRoom, MovesOneInstanceAsideOnTheSameGpu) {
  GpuFleet fleet = FleetOf({&A100()}, 1);
  const int two = Named("2g.10gb");
  ASSERT_TRUE(fleet.Hold(0, {{two, 2}, 1}));
  const MovePlan plan = PlanRoom(fleet, EvenDemand(fleet), For(0, Named("4g.20gb")), kWanted, {});
  const Spot from{0, {two, 2}};
  const Spot to{0, {two, 4}};
  EXPECT_THAT(plan.steps, ElementsAre(Step{StepKind::kStart, 1, to, std::nullopt, 0},
                                      Step{StepKind::kSwitch, 1, to, from, 0},
                                      Step{StepKind::kDrain, 1, from, std::nullopt, 0},
                                      Step{StepKind::kDestroy, 1, from, std::nullopt, 0},
                                      Step{StepKind::kStart, kWanted,
                                           Spot{0, {Named("4g.20gb"), 0}}, std::nullopt, 1}));
}

TEST(PlanRoom, MovesWhatIsInTheWayOfAMoveToo) {
  // The 3g must leave the first GPU for the second, whose 1g must leave for unit 6 of the third.
  GpuFleet fleet = FleetOf({&A100()}, 3);
  ASSERT_TRUE(fleet.Hold(0, {{Named("3g.20gb"), 4}, 1}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("3g.20gb"), 4}, kForeign}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("1g.5gb"), 0}, 2}));
  ASSERT_TRUE(fleet.Hold(2, {{Named("4g.20gb"), 0}, kForeign}));
  ASSERT_TRUE(fleet.Hold(2, {{Named("2g.10gb"), 4}, kForeign}));
  const Demand demand = EvenDemand(fleet);
  const Disruption limits{.moves_max = 2, .units_max = 5, .at_once = 1};
  const MovePlan plan = PlanRoom(fleet, demand, For(0, Named("7g.40gb")), kWanted, limits);
  ASSERT_EQ(plan.moves.size(), 2U);
  EXPECT_EQ(plan.moves[0].to, (Spot{2, {Named("1g.5gb"), 6}}));
  EXPECT_EQ(plan.moves[1].to, (Spot{1, {Named("3g.20gb"), 0}}));
  ExpectGentle(fleet, plan, limits);
  for (const Disruption& less : {Disruption{1, 5, 1}, Disruption{2, 4, 1}, Disruption{2, 5, 0}}) {
    const MovePlan none = PlanRoom(fleet, demand, For(0, Named("7g.40gb")), kWanted, less);
    EXPECT_FALSE(none.spot);
    EXPECT_THAT(none.steps, IsEmpty());
    EXPECT_THAT(none.reason, HasSubstr("make no room"));
  }
}

TEST(PlanRoom, LeavesForeignInstancesAndFencedGpusAlone) {
  GpuFleet fleet = FleetOf({&A100()}, 2);
  ASSERT_TRUE(fleet.Hold(0, {{Named("2g.10gb"), 2}, kForeign}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("2g.10gb"), 2}, 1}));
  fleet.SetUsable(1, false);
  const MovePlan plan = PlanRoom(fleet, EvenDemand(fleet), For(0, Named("4g.20gb")), kWanted, {});
  EXPECT_FALSE(plan.spot);
}

TEST(PlanRoom, MovesNothingForAWholeGpu) {
  GpuFleet fleet = FleetOf({&A100()}, 1);
  ASSERT_TRUE(fleet.Hold(0, {{0, 0}, 1}));
  Request request = For(0, Named("7g.40gb"));
  request.separation = Separation::kGpu;
  EXPECT_FALSE(PlanRoom(fleet, EvenDemand(fleet), request, kWanted, {}).spot);
}

// Every prefix, and every step failing, on fleets that need moves; afterwards the state is settled
// and planned for anew.
TEST(PlanRoom, CanBeCutOffAfterAnyStep) {
  int moved = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const GpuFleet fleet = Fragmented(random, 3);
    const Demand demand = EvenDemand(fleet);
    const int kind = static_cast<int>(random() % 3);
    const int large = static_cast<int>(fleet.Model(kind).profiles.size()) - 1;
    const Request request = For(kind, large - static_cast<int>(random() % 2));
    const Disruption limits{
        .moves_max = 5, .units_max = 24, .at_once = 1 + static_cast<int>(random() % 2)};
    const MovePlan plan = PlanRoom(fleet, demand, request, kWanted, limits);
    if (!plan.spot) continue;
    moved += plan.moves.empty() ? 0 : 1;
    ExpectGentle(fleet, plan, limits);
    // A step that fails changes nothing, so stopping before a step is that step failing.
    for (std::size_t prefix = 0; prefix <= plan.steps.size(); ++prefix) {
      StepRunner runner(fleet);
      const std::set<int64_t> serving = runner.Serving();
      for (std::size_t at = 0; at < prefix; ++at) ASSERT_TRUE(runner.Run(plan.steps[at]));
      for (const Step& step : StepsToSettle(runner.found())) ASSERT_TRUE(runner.Run(step));
      EXPECT_EQ(runner.Serving(), serving);
      EXPECT_EQ(runner.UnderWay(), 0);
      EXPECT_EQ(runner.found().size(), serving.size());
      const MovePlan again = PlanRoom(runner.fleet(), demand, request, kWanted, limits);
      ASSERT_TRUE(again.spot) << "after " << prefix << " steps";
      for (const Step& step : again.steps) ASSERT_TRUE(runner.Run(step));
      runner.ServeWhatStartedAlone();
      std::set<int64_t> all = serving;
      all.insert(kWanted);
      EXPECT_EQ(runner.Serving(), all);
    }
  }
  EXPECT_GT(moved, 15);
}

TEST(PlanConsolidation, EmptiesAGpuThatHoldsLittle) {
  GpuFleet fleet = FleetOf({&A100()}, 2);
  ASSERT_TRUE(fleet.Hold(0, {{Named("4g.20gb"), 0}, 1}));
  ASSERT_TRUE(fleet.Hold(1, {{Named("3g.20gb"), 0}, 2}));
  const MovePlan plan = PlanConsolidation(fleet, EvenDemand(fleet), {});
  EXPECT_THAT(plan.moves,
              ElementsAre(Move{2, Spot{1, {Named("3g.20gb"), 0}}, Spot{0, {Named("3g.20gb"), 4}}}));
}

TEST(PlanConsolidation, GainsWithEveryMoveAndEnds) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    GpuFleet fleet = Fragmented(random, 2);
    const Demand demand = EvenDemand(fleet);
    const Disruption limits{.moves_max = 3, .units_max = 12, .at_once = 2};
    int plans = 0;
    for (;; ++plans) {
      ASSERT_LT(plans, 100);
      const MovePlan plan = PlanConsolidation(fleet, demand, limits);
      if (plan.moves.empty()) {
        EXPECT_THAT(plan.reason, HasSubstr("no move"));
        break;
      }
      ExpectGentle(fleet, plan, limits);
      for (const Move& move : plan.moves) {
        const double before = WorthOf(fleet, demand);
        ASSERT_TRUE(fleet.Hold(move.to.gpu, {move.to.instance, move.owner}));
        ASSERT_TRUE(fleet.Release(move.from.gpu, move.from.instance));
        EXPECT_GT(WorthOf(fleet, demand), before);
      }
    }
    EXPECT_GT(plans, 0);
  }
}

}  // namespace
}  // namespace bulkhead::planner
