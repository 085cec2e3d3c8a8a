// SPDX-License-Identifier: Apache-2.0
#include "fleet/route_queue.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/monotonic_clock.h"
#include "fleet/test_worker.h"

namespace bulkhead::fleet {
namespace {

using base::Code;

// Workers a, b, ... of version 1 that take one frame each.
class RouteQueueTest : public testing::Test {
 protected:
  RoutedWorker Ready(PlayedWorker& played, const std::string& name, tenant::Version version = 1,
                     int frames_in_flight_max = 1) {
    LinkWatch watch;
    watch.on_room = [this] {
      if (queue_) queue_->Pump();
    };
    auto link = WorkerLink::Open(io_, played.TakeFrames(), std::move(watch)).value();
    played.SayHello(frames_in_flight_max);
    RunReady(io_);
    return {name, version, std::move(link)};
  }

  using Routed = Outcome<base::Result<Lease>>;

  Routed Take(RouteRequest request = {}, async::CancelToken cancel = {}) {
    auto routed = Start(io_, TakeOf(std::move(request), std::move(cancel)));
    RunReady(io_);
    return routed;
  }

  static std::string NameOf(const Routed& routed) {
    if (!*routed) return "waits";
    return (*routed)->ok() ? (*routed)->value().worker()
                           : std::string(base::CodeName((*routed)->error().code));
  }

  void GiveBack(Routed& routed) {
    routed->reset();
    RunReady(io_);
  }

  boost::asio::io_context io_;
  PlayedWorker first_;
  PlayedWorker second_;
  std::unique_ptr<RouteQueue> queue_ = std::make_unique<RouteQueue>(io_);

 private:
  async::Task<base::Result<Lease>> TakeOf(RouteRequest request, async::CancelToken cancel) {
    co_return co_await queue_->Take(request, std::move(cancel));
  }
};

TEST_F(RouteQueueTest, HasNothingToGiveBeforeAWorkerServes) {
  EXPECT_EQ(NameOf(Take()), "unavailable");
}

TEST_F(RouteQueueTest, GivesTheWorkerWithTheLeastToDo) {
  queue_->Serve({Ready(first_, "a", 1, 3), Ready(second_, "b", 1, 3)}, 9);
  const auto one = Take();
  const auto other = Take();
  EXPECT_NE(NameOf(one), NameOf(other));
  const auto third = Take();
  const auto fourth = Take();
  EXPECT_NE(NameOf(third), NameOf(fourth));
}

TEST_F(RouteQueueTest, GivesEqualWorkersTheirTurns) {
  queue_->Serve({Ready(first_, "a"), Ready(second_, "b")}, 9);
  std::string names;
  for (int i = 0; i < 4; ++i) names += NameOf(Take());
  EXPECT_TRUE(names == "abab" || names == "baba") << names;
}

TEST_F(RouteQueueTest, LetsCallsWaitInTheOrderInWhichTheyCame) {
  queue_->Serve({Ready(first_, "a")}, 9);
  auto running = Take();
  auto next = Take();
  const auto last = Take();
  EXPECT_EQ(NameOf(next), "waits");
  EXPECT_EQ(queue_->waiting(), 2U);
  GiveBack(running);
  EXPECT_EQ(NameOf(next), "a");
  EXPECT_EQ(NameOf(last), "waits");
  GiveBack(next);
  EXPECT_EQ(NameOf(last), "a");
}

TEST_F(RouteQueueTest, RefusesACallWhenTooManyWait) {
  queue_->Serve({Ready(first_, "a")}, 1);
  const auto running = Take();
  const auto waits = Take();
  EXPECT_EQ(NameOf(Take()), "exhausted");
  EXPECT_EQ(NameOf(waits), "waits");
}

TEST_F(RouteQueueTest, EndsTheWaitOfACallWhoseTimeIsUp) {
  queue_->Serve({Ready(first_, "a")}, 9);
  auto running = Take();
  const auto patient = Take();
  RouteRequest request;
  request.deadline = base::MonotonicNow() + std::chrono::milliseconds(1);
  const auto late = Take(request);
  RunUntil(io_, [&] { return late->has_value(); });
  EXPECT_EQ(NameOf(late), "deadline");
  GiveBack(running);
  EXPECT_EQ(NameOf(patient), "a");
}

TEST_F(RouteQueueTest, EndsTheWaitOfACallThatIsCancelled) {
  queue_->Serve({Ready(first_, "a")}, 9);
  const auto running = Take();
  async::CancelSource source;
  const auto cancelled = Take({}, source.token());
  source.Cancel();
  RunReady(io_);
  EXPECT_EQ(NameOf(cancelled), "deadline");
  EXPECT_EQ(NameOf(Take({}, source.token())), "deadline");
  EXPECT_EQ(queue_->waiting(), 0U);
}

TEST_F(RouteQueueTest, LetsWaitingCallsGoOnWithTheWorkersThatReplaceTheirs) {
  queue_->Serve({Ready(first_, "a", 1)}, 9);
  const auto running = Take();
  const auto any = Take();
  RouteRequest request;
  request.version = 1;
  const auto old = Take(request);
  queue_->Serve({Ready(second_, "b", 2)}, 9);
  RunReady(io_);
  EXPECT_EQ(NameOf(running), "a");
  EXPECT_EQ(NameOf(any), "b");
  EXPECT_EQ(NameOf(old), "unavailable");
}

TEST_F(RouteQueueTest, GivesAVersionOnlyWhileItServes) {
  queue_->Serve({Ready(first_, "a", 2)}, 9);
  RouteRequest request;
  request.version = 1;
  EXPECT_EQ(NameOf(Take(request)), "unavailable");
  request.version = 2;
  EXPECT_EQ(NameOf(Take(request)), "a");
}

TEST_F(RouteQueueTest, EndsTheWaitWhenNoWorkerIsLeft) {
  queue_->Serve({Ready(first_, "a")}, 9);
  const auto running = Take();
  const auto waits = Take();
  queue_->Serve({}, 9);
  RunReady(io_);
  EXPECT_EQ(NameOf(waits), "unavailable");
}

TEST_F(RouteQueueTest, EndsTheWaitWhenItIsDropped) {
  queue_->Serve({Ready(first_, "a")}, 9);
  const auto running = Take();
  const auto waits = Take();
  queue_.reset();
  RunReady(io_);
  EXPECT_EQ(NameOf(waits), "unavailable");
}

TEST_F(RouteQueueTest, PassesABrokenWorkerOver) {
  queue_->Serve({Ready(first_, "a"), Ready(second_, "b")}, 9);
  first_.Close();
  RunReady(io_);
  EXPECT_EQ(NameOf(Take()), "b");
  EXPECT_EQ(NameOf(Take()), "b");
}

}  // namespace
}  // namespace bulkhead::fleet
