// SPDX-License-Identifier: Apache-2.0
// One coroutine at a time, in the order in which they came.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "async/task.h"

namespace bulkhead::async {

// Lives on the I/O thread. What is held may outlive it.
class Turn {
  struct State {
    bool taken = false;
    std::deque<Done<bool>> waiting;
  };

 public:
  // The turn, until it ends.
  class Held {
   public:
    explicit Held(std::shared_ptr<State> state) : state_(std::move(state)) {}
    Held(Held&&) noexcept = default;
    Held& operator=(Held&&) = delete;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    ~Held() {
      if (state_ == nullptr) return;
      if (state_->waiting.empty()) {
        state_->taken = false;
        return;
      }
      // `taken` stays: it is the next one's.
      const Done<bool> next = std::move(state_->waiting.front());
      state_->waiting.pop_front();
      next(true);
    }

   private:
    std::shared_ptr<State> state_;
  };

  // Goes on when everybody who came before has ended theirs.
  Task<Held> Take() {
    const std::shared_ptr<State> state = state_;
    if (state->taken) {
      auto wait = [state](Done<bool> done) { state->waiting.push_back(std::move(done)); };
      co_await Await<bool>(std::move(wait));
    }
    state->taken = true;
    co_return Held(state);
  }

  [[nodiscard]] bool taken() const { return state_->taken; }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace bulkhead::async
