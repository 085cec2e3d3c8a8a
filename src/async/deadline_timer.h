// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace bulkhead::async {

// One timer for many deadlines: told of each, it wakes its owner when the earliest has come, who
// looks which have passed and tells of those that are left. It is not told when one is dropped,
// because most are, long before their time. I/O thread.
class DeadlineTimer {
 public:
  // `on_due` is called from the event loop, not after the destructor.
  DeadlineTimer(boost::asio::io_context& io, std::function<void()> on_due);
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;
  ~DeadlineTimer();

  // A point on CLOCK_MONOTONIC; zero: none.
  void Arm(std::chrono::nanoseconds deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace bulkhead::async
