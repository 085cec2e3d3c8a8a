// SPDX-License-Identifier: Apache-2.0
// Coroutines that are run by a test.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "async/task.h"

namespace bulkhead::async {

// What a coroutine gave, once it has.
template <typename T>
using Outcome = std::shared_ptr<std::optional<T>>;

template <typename T>
Task<void> Collect(Task<T> task, Outcome<T> outcome) {
  T value = co_await std::move(task);
  outcome->emplace(std::move(value));
}

template <typename T>
Outcome<T> Start(boost::asio::io_context& io, Task<T> task) {
  auto outcome = std::make_shared<std::optional<T>>();
  Spawn(io, Collect(std::move(task), outcome));
  return outcome;
}

// Runs what is ready, and what becomes ready by that.
inline void RunReady(boost::asio::io_context& io) {
  io.restart();
  while (io.poll() > 0) {
  }
}

// Waits for timers and sockets until it is so.
template <typename Condition>
void RunUntil(boost::asio::io_context& io, Condition condition) {
  constexpr std::chrono::seconds kPatience{60};
  const auto work = boost::asio::make_work_guard(io);
  while (!condition()) {
    io.restart();
    if (io.run_one_for(kPatience) > 0) continue;
    ADD_FAILURE() << "it did not happen";
    return;
  }
}

}  // namespace bulkhead::async
