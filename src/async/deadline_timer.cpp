// SPDX-License-Identifier: Apache-2.0
#include "async/deadline_timer.h"

#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace bulkhead::async {

struct DeadlineTimer::State {
  boost::asio::steady_timer timer;  // of CLOCK_MONOTONIC, as libstdc++'s steady_clock is
  std::function<void()> on_due;
  std::optional<std::chrono::nanoseconds> armed;
};

DeadlineTimer::DeadlineTimer(boost::asio::io_context& io, std::function<void()> on_due)
    : state_(std::make_shared<State>(boost::asio::steady_timer(io), std::move(on_due))) {}

DeadlineTimer::~DeadlineTimer() = default;

void DeadlineTimer::Arm(std::chrono::nanoseconds deadline) {
  if (deadline.count() == 0 || (state_->armed && *state_->armed <= deadline)) return;
  state_->armed = deadline;
  state_->timer.expires_at(std::chrono::steady_clock::time_point(deadline));
  state_->timer.async_wait([weak = std::weak_ptr(state_)](const boost::system::error_code& error) {
    const auto state = weak.lock();
    if (error || !state) return;
    state->armed.reset();
    state->on_due();
  });
}

}  // namespace bulkhead::async
