// SPDX-License-Identifier: Apache-2.0
#include "async/task.h"

#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "async/wakeup.h"

namespace bulkhead::async {
namespace {

TEST(Await, GoesOnOnTheIoThreadWithWhatAnotherThreadGives) {
  boost::asio::io_context io(1);
  std::thread other;
  std::thread::id resumed;
  int result = 0;
  const auto wait = [&]() -> Task<> {
    result = co_await Await<int>(
        [&](Done<int> done) { other = std::thread([done = std::move(done)] { done(42); }); });
    resumed = std::this_thread::get_id();
  };
  Spawn(io, wait());
  io.run();
  other.join();
  EXPECT_EQ(result, 42);
  EXPECT_EQ(resumed, std::this_thread::get_id());
}

TEST(Await, TakesAResultThatIsThereAtOnce) {
  boost::asio::io_context io(1);
  std::string order;
  const auto wait = [&]() -> Task<> {
    order += co_await Await<std::string>([&](Done<std::string> done) {
      done("c");
      order += "a";
    });
  };
  Spawn(io, wait());
  boost::asio::post(io, [&] { order += "b"; });
  io.run();
  EXPECT_EQ(order.front(), 'a');
  EXPECT_NE(order.find('c'), std::string::npos);
}

TEST(Wakeup, WakesWhoWaitsAndNobodyElse) {
  boost::asio::io_context io(1);
  Wakeup wakeup;
  int wakes = 0;
  const auto wait = [&]() -> Task<> {
    for (;;) {
      co_await wakeup.Wait();
      if (++wakes == 2) co_return;
    }
  };
  wakeup.Wake();
  Spawn(io, wait());
  io.poll();
  EXPECT_EQ(wakes, 0);
  wakeup.Wake();
  EXPECT_EQ(wakes, 1);
  wakeup.Wake();
  wakeup.Wake();
  EXPECT_EQ(wakes, 2);
}

TEST(Wakeup, EndsWhoWaitsForGood) {
  boost::asio::io_context io(1);
  Wakeup wakeup;
  auto held = std::make_shared<int>(1);
  const auto wait = [](Wakeup& used, std::shared_ptr<int> kept) -> Task<> {
    co_await used.Wait();
    ++*kept;
  };
  Spawn(io, wait(wakeup, held));
  io.poll();
  EXPECT_GT(held.use_count(), 1);
  wakeup.Drop();
  io.restart();
  io.poll();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 1);
}

}  // namespace
}  // namespace bulkhead::async
