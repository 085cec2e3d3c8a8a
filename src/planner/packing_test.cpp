// SPDX-License-Identifier: Apache-2.0
#include "planner/packing.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "planner/test_models.h"

namespace bulkhead::planner {
namespace {

int Named(std::string_view name) { return ProfileNamed(A100(), name); }

GpuFleet FleetOf(const std::vector<const mig::GpuModel*>& models, const std::vector<int>& counts) {
  GpuFleet fleet(models);
  for (std::size_t kind = 0; kind < counts.size(); ++kind) {
    for (int gpu = 0; gpu < counts[kind]; ++gpu) {
      fleet.Add(static_cast<int>(kind), models[kind]->mig() ? GpuMode::kCut : GpuMode::kWhole);
    }
  }
  return fleet;
}

Wanted Want(std::vector<Choice> choices, int64_t weight = 1) {
  return {.request = {.choices = std::move(choices), .separation = Separation::kInstance},
          .weight = weight};
}

void ExpectLegal(GpuFleet fleet, const std::vector<Wanted>& wanted, const Packing& packing) {
  ASSERT_EQ(packing.spots.size(), wanted.size());
  int64_t weight = 0;
  std::set<int> used;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (!packing.spots[at]) continue;
    const Spot& spot = *packing.spots[at];
    if (fleet.Gpu(spot.gpu).held.empty()) used.insert(spot.gpu);
    EXPECT_TRUE(fleet.Gpu(spot.gpu).usable);
    const Choice choice{fleet.Gpu(spot.gpu).kind, spot.instance.profile};
    EXPECT_NE(std::ranges::find(wanted[at].request.choices, choice),
              wanted[at].request.choices.end());
    EXPECT_TRUE(wanted[at].request.separation == Separation::kInstance ||
                spot.instance.profile == kWholeGpu);
    weight += wanted[at].weight;
  }
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (!packing.spots[at]) continue;
    ASSERT_TRUE(fleet.Hold(packing.spots[at]->gpu, {packing.spots[at]->instance, 1}));
  }
  EXPECT_EQ(weight, packing.weight);
  EXPECT_EQ(static_cast<int>(used.size()), packing.gpus);
  EXPECT_LE(packing.weight, packing.weight_bound);
  if (packing.weight == packing.weight_bound) {
    EXPECT_GE(packing.gpus, packing.gpus_bound);
  }
}

// The best by trying every deployment everywhere, starts included.
class BruteForce {
 public:
  BruteForce(const GpuFleet& fleet, const std::vector<Wanted>& wanted)
      : fleet_(fleet), wanted_(wanted) {}

  std::pair<int64_t, int> Best() {
    Try(0, 0, 0);
    return best_;
  }

 private:
  void Try(std::size_t at, int64_t weight, int gpus) {
    best_ = std::max(best_, {weight, -gpus});
    if (at == wanted_.size()) return;
    Try(at + 1, weight, gpus);
    for (int gpu = 0; gpu < fleet_.size(); ++gpu) {
      if (!fleet_.Gpu(gpu).usable) continue;
      for (const Choice& choice : wanted_[at].request.choices) {
        if (fleet_.Gpu(gpu).kind != choice.kind) continue;
        for (int start = 0; start < 16; ++start) {
          const bool fresh = fleet_.Gpu(gpu).held.empty();
          const mig::Instance instance{choice.profile, start};
          if (!fleet_.Hold(gpu, {instance, 1})) continue;
          Try(at + 1, weight + wanted_[at].weight, gpus + (fresh ? 1 : 0));
          fleet_.Release(gpu, instance);
        }
      }
    }
  }

  GpuFleet fleet_;
  const std::vector<Wanted>& wanted_;
  std::pair<int64_t, int> best_{0, 0};
};

TEST(Packing, EqualsBruteForceOnSmallFleets) {
  int refused = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    GpuFleet fleet = FleetOf({&A100(), &TwelveUnits()}, {1 + static_cast<int>(random() % 2), 1});
    // What is foreign stays, on one of two GPUs in two.
    if (random() % 2 == 0) fleet.Hold(0, {{Named("2g.10gb"), 2}, kForeign});
    std::vector<Wanted> wanted;
    for (int at = 0; at < 5; ++at) {
      std::vector<Choice> choices{{0, 3 + static_cast<int>(random() % 4)}};
      if (random() % 3 == 0) choices.push_back({1, static_cast<int>(random() % 5)});
      wanted.push_back(Want(choices, 1 + static_cast<int>(random() % 4)));
    }
    const Packing packing = PackAll(fleet, wanted);
    ExpectLegal(fleet, wanted, packing);
    EXPECT_TRUE(packing.optimal);
    const auto [weight, gpus] = BruteForce(fleet, wanted).Best();
    EXPECT_EQ(packing.weight, weight);
    EXPECT_EQ(packing.gpus, -gpus);
    for (const auto& spot : packing.spots) refused += spot ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}

// Every kind of GPU that is known, two of it, with something of somebody else's now and then.
TEST(Packing, EqualsBruteForceOnEveryKnownKindOfGpu) {
  int refused = 0;
  for (const mig::GpuModel& model : mig::GpuModels()) {
    for (unsigned seed = 1; seed <= 6; ++seed) {
      SCOPED_TRACE(model.name + " " + std::to_string(seed));
      std::mt19937 random(seed);
      GpuFleet fleet = FleetOf({&model}, {2});
      const auto profiles = static_cast<unsigned>(model.profiles.size());
      const auto any = [&] {
        return model.mig() ? static_cast<int>(random() % profiles) : kWholeGpu;
      };
      const int foreign = any();
      if (seed % 2 == 0 && model.mig()) {
        const auto& starts = model.profiles[static_cast<std::size_t>(foreign)].starts;
        ASSERT_TRUE(fleet.Hold(1, {{foreign, starts[random() % starts.size()]}, kForeign}));
      }
      std::vector<Wanted> wanted;
      // Large ones more often, or everything would fit.
      for (int at = 0; at < 4; ++at) {
        wanted.push_back(Want({{0, std::max(any(), any())}}, 1 + static_cast<int>(random() % 4)));
      }
      const Packing packing = PackAll(fleet, wanted);
      ExpectLegal(fleet, wanted, packing);
      EXPECT_TRUE(packing.optimal);
      const auto [weight, gpus] = BruteForce(fleet, wanted).Best();
      EXPECT_EQ(packing.weight, weight);
      EXPECT_EQ(packing.gpus, -gpus);
      for (const auto& spot : packing.spots) refused += spot ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 10);
}

TEST(Packing, FindsThePairsThatFillGpusWhole) {
  const GpuFleet fleet = FleetOf({&A100()}, {10});
  std::vector<Wanted> wanted;
  for (int at = 0; at < 4; ++at) {
    wanted.push_back(Want({{0, Named("3g.20gb")}}));
    wanted.push_back(Want({{0, Named("4g.20gb")}}));
    for (int one = 0; one < 7; ++one) wanted.push_back(Want({{0, Named("1g.5gb")}}));
  }
  const Packing packing = PackAll(fleet, wanted);
  ExpectLegal(fleet, wanted, packing);
  EXPECT_EQ(packing.gpus, 8);
  EXPECT_TRUE(packing.optimal);
}

TEST(Packing, KeepsSeparationAndFences) {
  GpuFleet fleet = FleetOf({&A100(), &Plain()}, {2, 1});
  fleet.SetUsable(0, false);
  Wanted alone = Want({{0, Named("7g.40gb")}, {1, kWholeGpu}});
  alone.request.separation = Separation::kGpu;
  const std::vector<Wanted> wanted = {alone, alone, Want({{0, Named("7g.40gb")}}),
                                      Want({{0, Named("7g.40gb")}}), Want({{9, 0}})};
  const Packing packing = PackAll(fleet, wanted);
  ExpectLegal(fleet, wanted, packing);
  EXPECT_EQ(packing.weight, 2);
  EXPECT_TRUE(packing.optimal);
}

TEST(Packing, PlansAMixedFleetCloseToTheBound) {
  std::mt19937 random(7);
  const GpuFleet fleet = FleetOf({&A100(), &TwelveUnits(), &SixteenUnits()}, {120, 40, 40});
  std::vector<Wanted> wanted;
  for (int at = 0; at < 800; ++at) {
    const int profile = static_cast<int>(random() % 6);
    std::vector<Choice> choices{{0, profile}};
    if (random() % 2 == 0) choices.push_back({1, static_cast<int>(random() % 5)});
    if (random() % 2 == 0) choices.push_back({2, static_cast<int>(random() % 4)});
    wanted.push_back(Want(choices, A100().profiles[static_cast<std::size_t>(profile)].slices));
  }
  const Packing packing = PackAll(fleet, wanted);
  ExpectLegal(fleet, wanted, packing);
  EXPECT_GE(static_cast<double>(packing.weight), 0.99 * static_cast<double>(packing.weight_bound));
}

TEST(Packing, OfNothingIsNothing) {
  const Packing packing = PackAll(FleetOf({&A100()}, {0}), {});
  EXPECT_TRUE(packing.optimal);
  EXPECT_EQ(packing.gpus, 0);
  EXPECT_EQ(PackAll(FleetOf({&A100()}, {1}), {}).gpus, 0);
}

}  // namespace
}  // namespace bulkhead::planner
