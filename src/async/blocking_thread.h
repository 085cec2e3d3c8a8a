// SPDX-License-Identifier: Apache-2.0
// A thread for calls that block (the store, files), one after the other. Where cores are short it
// yields to the thread that serves everybody.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

#include "async/task.h"

namespace bulkhead::async {

class BlockingThread {
 public:
  BlockingThread();
  BlockingThread(const BlockingThread&) = delete;
  BlockingThread& operator=(const BlockingThread&) = delete;
  // Does what was asked for, then ends.
  ~BlockingThread();

  // Runs `work` there and goes on with what it gave; what it threw (no memory) is thrown here.
  template <typename T>
  Task<T> Run(std::function<T()> work) {
    using Outcome = std::variant<T, std::exception_ptr>;
    auto start = [this, &work](Done<Outcome> done) {
      Add([work = std::move(work), done = std::move(done)] { done(Try<T>(work)); });
    };
    Outcome outcome = co_await Await<Outcome>(std::move(start));
    if (auto* thrown = std::get_if<std::exception_ptr>(&outcome)) std::rethrow_exception(*thrown);
    co_return std::get<T>(std::move(outcome));
  }

 private:
  template <typename T>
  static std::variant<T, std::exception_ptr> Try(const std::function<T()>& work) {
    try {
      return work();
    } catch (...) {
      return std::current_exception();
    }
  }

  void Add(std::function<void()> work);
  void Loop();

  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace bulkhead::async
