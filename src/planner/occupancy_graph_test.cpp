// SPDX-License-Identifier: Apache-2.0
#include "planner/occupancy_graph.h"

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "planner/room_table.h"
#include "planner/test_models.h"

namespace bulkhead::planner {
namespace {

using Visit = std::function<void(const std::vector<mig::Instance>&)>;

// Every legal set of instances, found without the graph.
void ForEachLayout(const mig::GpuModel& model, std::vector<mig::Instance>& layout,
                   const Visit& visit) {
  visit(layout);
  for (int profile = 0; profile < static_cast<int>(model.profiles.size()); ++profile) {
    for (const int start : mig::FreeStarts(model, layout, profile)) {
      const mig::Instance one{profile, start};
      if (!layout.empty() && one < layout.back()) continue;
      layout.push_back(one);
      ForEachLayout(model, layout, visit);
      layout.pop_back();
    }
  }
}

int MostThatFit(const mig::GpuModel& model, std::vector<mig::Instance> layout, int profile) {
  int most = 0;
  for (const int start : mig::FreeStarts(model, layout, profile)) {
    layout.push_back({profile, start});
    most = std::max(most, 1 + MostThatFit(model, layout, profile));
    layout.pop_back();
  }
  return most;
}

void ExpectToAgree(const mig::GpuModel& model) {
  const OccupancyGraph graph(model);
  std::set<int> reached;
  std::vector<mig::Instance> empty;
  ForEachLayout(model, empty, [&](const std::vector<mig::Instance>& layout) {
    const int state = graph.StateOf(layout);
    ASSERT_GE(state, 0);
    reached.insert(state);
    for (int profile = 0; profile < static_cast<int>(model.profiles.size()); ++profile) {
      std::vector<int> starts;
      for (const Placing& placing : graph.Placings(state, profile)) {
        starts.push_back(placing.instance.start);
        std::vector<mig::Instance> larger = layout;
        larger.push_back(placing.instance);
        EXPECT_EQ(placing.to, graph.StateOf(larger));
        EXPECT_GT(placing.to, state);
      }
      EXPECT_EQ(starts, mig::FreeStarts(model, layout, profile));
    }
  });
  EXPECT_EQ(static_cast<int>(reached.size()), graph.size());
}

TEST(OccupancyGraph, LeadsWhereTheRulesOfLayoutsLead) {
  ExpectToAgree(A100());
  ExpectToAgree(TwelveUnits());
  ExpectToAgree(SixteenUnits());
}

TEST(OccupancyGraph, StartsWithTheEmptyGpu) {
  const OccupancyGraph graph(A100());
  EXPECT_EQ(graph.StateOf({}), 0);
  EXPECT_EQ(graph.FreeUnits(0), 8);
}

TEST(OccupancyGraph, HasNoStateForWhatTheDriverRefuses) {
  const OccupancyGraph graph(A100());
  const int three = ProfileNamed(A100(), "3g.20gb");
  EXPECT_EQ(graph.StateOf(std::vector<mig::Instance>{{three, 0}, {three, 0}}), -1);
  EXPECT_EQ(graph.StateOf(std::vector<mig::Instance>{{three, 1}}), -1);
}

TEST(OccupancyGraph, HasOneStateForAGpuWithoutMig) {
  const OccupancyGraph graph(Plain());
  EXPECT_EQ(graph.size(), 1);
  EXPECT_TRUE(graph.Placings(0).empty());
}

TEST(RoomTable, IsWhatTryingEveryOrderFinds) {
  for (const mig::GpuModel* model : {&A100(), &TwelveUnits(), &SixteenUnits()}) {
    const OccupancyGraph graph(*model);
    const RoomTable rooms(graph);
    std::vector<mig::Instance> empty;
    std::set<int> seen;
    ForEachLayout(*model, empty, [&](const std::vector<mig::Instance>& layout) {
      const int state = graph.StateOf(layout);
      if (!seen.insert(state).second) return;
      for (int profile = 0; profile < static_cast<int>(model->profiles.size()); ++profile) {
        EXPECT_EQ(rooms.Room(state, profile), MostThatFit(*model, layout, profile));
      }
    });
  }
}

}  // namespace
}  // namespace bulkhead::planner
