// SPDX-License-Identifier: Apache-2.0
#include "async/shared_thread.h"

#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "async/test_loop.h"

namespace bulkhead::async {
namespace {

TEST(SharedThread, LetsNobodyWaitForMoreThanOnePieceOfAnother) {
  boost::asio::io_context io(1);
  SharedThread thread;
  std::vector<std::string> order;
  std::vector<Outcome<bool>> outcomes;
  for (const char* piece : {"a1", "a2", "a3", "b1", "b2"}) {
    std::function<bool()> work = [&order, piece] {
      order.emplace_back(piece);
      return true;
    };
    outcomes.push_back(Start(io, thread.Run<bool>(std::string(1, piece[0]), std::move(work))));
  }
  RunUntil(io, [&] { return outcomes[2]->has_value() && outcomes[4]->has_value(); });
  EXPECT_EQ(order, (std::vector<std::string>{"a1", "b1", "a2", "b2", "a3"}));
}

TEST(SharedThread, GoesOnAfterWorkThatThrew) {
  boost::asio::io_context io(1);
  SharedThread thread;
  bool caught = false;
  const auto wait = [&]() -> Task<> {
    std::function<bool()> work = []() -> bool { throw std::bad_alloc(); };
    try {
      co_await thread.Run<bool>("a", std::move(work));
    } catch (const std::bad_alloc&) {
      caught = true;
    }
  };
  Spawn(io, wait());
  std::function<bool()> work = [] { return true; };
  const auto next = Start(io, thread.Run<bool>("a", std::move(work)));
  RunUntil(io, [&] { return next->has_value(); });
  EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace bulkhead::async
