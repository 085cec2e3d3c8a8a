// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/descriptors.h"

#include <gtest/gtest.h>

namespace bulkhead::isolation {
namespace {

int NumberOf(const DescriptorPlan& plan, int source) {
  for (const DescriptorMove& move : plan.moves) {
    if (move.source == source) return move.number;
  }
  return -1;
}

TEST(PlanDescriptors, PutsTheStartsOwnAboveTheProgramsAndLetsExecCloseThem) {
  LaunchSpec spec;
  spec.descriptors = {{50, 9}, {51, 3}};
  const DescriptorPlan plan = PlanDescriptors(spec, 60, 70, 80);
  EXPECT_EQ(NumberOf(plan, 70), 10);
  EXPECT_EQ(NumberOf(plan, 80), 11);
  EXPECT_EQ(plan.end, 12);
  for (const DescriptorMove& move : plan.moves) {
    EXPECT_EQ(move.close_on_exec, move.number >= 10) << move.number;
  }
}

TEST(PlanDescriptors, OrdersTheMovesByNumberSoThatGapsCanBeClosed) {
  LaunchSpec spec;
  spec.descriptors = {{50, 9}, {51, 3}};
  int last = -1;
  for (const DescriptorMove& move : PlanDescriptors(spec, 60, 70, 80).moves) {
    EXPECT_GT(move.number, last);
    last = move.number;
  }
}

TEST(PlanDescriptors, FillsTheFirstThreeWithTheEmptyInputWhereThereIsNoLog) {
  LaunchSpec spec;
  const DescriptorPlan without = PlanDescriptors(spec, 60, 70, 80);
  for (const std::size_t number : {0U, 1U, 2U}) EXPECT_EQ(without.moves[number].source, 60);
  spec.error_output = 61;
  EXPECT_EQ(PlanDescriptors(spec, 60, 70, 80).moves[2].source, 61);
}

}  // namespace
}  // namespace bulkhead::isolation
