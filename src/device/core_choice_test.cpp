// SPDX-License-Identifier: Apache-2.0
#include "device/core_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/test_machine.h"

namespace bulkhead::device {
namespace {

using testing::ElementsAre;

// Cores whose numbers are in `taken` are not free.
std::vector<bool> FreeBut(const TestMachine& machine, std::initializer_list<std::size_t> taken) {
  std::vector<bool> free(machine.cores.size(), true);
  for (const std::size_t core : taken) free[core] = false;
  return free;
}

TEST(CoreChoice, StaysOnOneNode) {
  const TestMachine server = TwoSocketServer();
  EXPECT_THAT(ChooseCores(server.cores, FreeBut(server, {0, 1}), 3),
              testing::Optional(ElementsAre(4, 5, 6)));
}

TEST(CoreChoice, KeepsTheEmptierNodeWhole) {
  const TestMachine server = TwoSocketServer();
  EXPECT_THAT(ChooseCores(server.cores, FreeBut(server, {4, 5}), 2),
              testing::Optional(ElementsAre(6, 7)));
  EXPECT_THAT(ChooseCores(server.cores, FreeBut(server, {0}), 1),
              testing::Optional(ElementsAre(1)));
}

TEST(CoreChoice, SpansNodesOnlyWhenNoneSuffices) {
  const TestMachine server = TwoSocketServer();
  EXPECT_THAT(ChooseCores(server.cores, FreeBut(server, {0, 1, 2, 5}), 4),
              testing::Optional(ElementsAre(3, 4, 6, 7)));
  // As much as possible on one of them.
  EXPECT_THAT(ChooseCores(server.cores, FreeBut(server, {0, 1, 4}), 4),
              testing::Optional(ElementsAre(2, 5, 6, 7)));
}

TEST(CoreChoice, PrefersFastCoresAndDoesNotMixThemWithoutNeed) {
  const TestMachine laptop = HybridLaptop();
  EXPECT_THAT(ChooseCores(laptop.cores, FreeBut(laptop, {}), 1), testing::Optional(ElementsAre(0)));
  EXPECT_THAT(ChooseCores(laptop.cores, FreeBut(laptop, {0}), 2),
              testing::Optional(ElementsAre(2, 3)));
  EXPECT_THAT(ChooseCores(laptop.cores, FreeBut(laptop, {}), 5),
              testing::Optional(ElementsAre(0, 1, 2, 3, 4)));
}

TEST(CoreChoice, HasNoAnswerWhenTooFewAreFree) {
  const TestMachine machine = TwoCoreVm();
  EXPECT_EQ(ChooseCores(machine.cores, FreeBut(machine, {0}), 2), std::nullopt);
  EXPECT_EQ(ChooseCores({}, {}, 1), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::device
