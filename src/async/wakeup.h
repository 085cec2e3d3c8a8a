// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "async/task.h"

namespace bulkhead::async {

// Lets one coroutine wait until another part of the I/O thread says that something has changed. It
// remembers nothing: who waits looks first whether there is anything to wait for.
class Wakeup {
 public:
  // One coroutine at a time.
  Task<> Wait() {
    return boost::asio::async_initiate<Token, void()>(
        [this](auto handler) { waiting_.emplace(std::move(handler)); }, kToken);
  }

  // Runs what waits at once, until it waits again; nothing when nobody does.
  void Wake() {
    if (!waiting_) return;
    auto handler = std::move(*waiting_);
    waiting_.reset();
    std::move(handler)();
  }

  // Ends what waits where it is: its variables are destroyed by way of the io_context's queue.
  void Drop() { waiting_.reset(); }

 private:
  using Token = const boost::asio::use_awaitable_t<IoExecutor>;
  static constexpr boost::asio::use_awaitable_t<IoExecutor> kToken{};
  std::optional<
      boost::asio::async_result<boost::asio::use_awaitable_t<IoExecutor>, void()>::handler_type>
      waiting_;
};

}  // namespace bulkhead::async
