// SPDX-License-Identifier: Apache-2.0
// Coroutines of the gateway's I/O thread, which owns all of its state, and the way back into them
// from other threads.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bulkhead::async {

using IoExecutor = boost::asio::io_context::executor_type;

// A coroutine that starts when it is awaited and runs on the I/O thread only.
template <typename T = void>
using Task = boost::asio::awaitable<T, IoExecutor>;

// Says that work begun elsewhere has ended. From any thread, exactly once; copies count as one.
template <typename T>
using Done = std::function<void(T)>;

// Starts work elsewhere and gives its result. `start` runs at once on the I/O thread and must not
// block; the coroutine goes on by way of the io_context's queue, also when `done` is called inside
// `start`. A `done` that is dropped without a call leaves its coroutine waiting for good, so
// whoever holds one calls it before its thread ends, and its thread ends before the io_context
// does.
template <typename T>
Task<T> Await(std::function<void(Done<T>)> start) {
  const boost::asio::use_awaitable_t<IoExecutor> token;
  co_return co_await boost::asio::async_initiate<decltype(token), void(T)>(
      [](auto handler, std::function<void(Done<T>)> begin) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        auto work = boost::asio::make_work_guard(*kept);
        begin([kept, work](T value) {
          boost::asio::post(work.get_executor(), [kept, value = std::move(value)]() mutable {
            std::move (*kept)(std::move(value));
          });
        });
      },
      token, std::move(start));
}

// Runs a coroutine beside the others, until its own end. An exception that leaves it ends the
// process: nobody is there to be told.
inline void Spawn(boost::asio::io_context& io, Task<void> task) {
  boost::asio::co_spawn(io, std::move(task), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
}

}  // namespace bulkhead::async
