// SPDX-License-Identifier: Apache-2.0
// Coroutines of the gateway's I/O thread, which owns all of its state, and the way back into them
// from other threads.
#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
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
class Done {
 public:
  // What is called.
  class Target {
   public:
    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;
    virtual void Call(T value) = 0;
  };

  Done() = default;
  explicit Done(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  void operator()(T value) const { target_->Call(std::move(value)); }

 private:
  std::shared_ptr<Target> target_;
};

// A coroutine that waits, as what its Done calls.
template <typename T, typename Handler>
class Waiter : public Done<T>::Target, public std::enable_shared_from_this<Waiter<T, Handler>> {
 public:
  explicit Waiter(Handler handler)
      : handler_(std::move(handler)), work_(boost::asio::make_work_guard(handler_)) {}

  void Call(T value) override {
    boost::asio::post(work_.get_executor(),
                      [self = this->shared_from_this(), value = std::move(value)]() mutable {
                        std::move(self->handler_)(std::move(value));
                      });
  }

 private:
  Handler handler_;
  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
};

// Starts work elsewhere and gives its result. `start` runs at once on the I/O thread and must not
// block; the coroutine goes on by way of the io_context's queue, also when `done` is called inside
// `start`. A `done` that is dropped without a call leaves its coroutine waiting for good, so
// whoever holds one calls it before its thread ends, and its thread ends before the io_context
// does. `start` is kept until it ran, what it refers to is the caller's to keep.
template <typename T, typename Start>
Task<T> Await(Start start) {
  const boost::asio::use_awaitable_t<IoExecutor> token;
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<IoExecutor>, void(T)>(
      [](auto handler, Start begin) {
        using Waiting = Waiter<T, std::decay_t<decltype(handler)>>;
        begin(Done<T>(std::make_shared<Waiting>(std::move(handler))));
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
