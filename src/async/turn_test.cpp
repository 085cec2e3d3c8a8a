// SPDX-License-Identifier: Apache-2.0
#include "async/turn.h"

#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "async/test_loop.h"

namespace bulkhead::async {
namespace {

TEST(Turn, IsTheFirstOnesAtOnce) {
  boost::asio::io_context io;
  Turn turn;
  EXPECT_FALSE(turn.taken());
  const auto held = Start(io, turn.Take());
  RunReady(io);
  EXPECT_TRUE(held->has_value());
  EXPECT_TRUE(turn.taken());
}

TEST(Turn, IsGivenOnInTheOrderInWhichTheyCame) {
  boost::asio::io_context io;
  Turn turn;
  std::vector<Outcome<Turn::Held>> held;
  for (int i = 0; i < 3; ++i) held.push_back(Start(io, turn.Take()));
  RunReady(io);
  EXPECT_TRUE(held[0]->has_value());
  EXPECT_FALSE(held[1]->has_value());
  held[0]->reset();
  EXPECT_TRUE(turn.taken());  // nobody comes between
  RunReady(io);
  EXPECT_TRUE(held[1]->has_value());
  EXPECT_FALSE(held[2]->has_value());
  held[1]->reset();
  RunReady(io);
  EXPECT_TRUE(held[2]->has_value());
  held[2]->reset();
  EXPECT_FALSE(turn.taken());
}

TEST(Turn, MayEndAfterWhereItWasTaken) {
  boost::asio::io_context io;
  auto turn = std::make_optional<Turn>();
  const auto held = Start(io, turn->Take());
  RunReady(io);
  turn.reset();
  held->reset();
}

}  // namespace
}  // namespace bulkhead::async
