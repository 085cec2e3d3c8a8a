// SPDX-License-Identifier: Apache-2.0
// A thread for calls that block (the store, files), one after the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "async/task.h"

namespace bulkhead::async {

class BlockingThread {
 public:
  BlockingThread();
  BlockingThread(const BlockingThread&) = delete;
  BlockingThread& operator=(const BlockingThread&) = delete;
  // Does what was asked for, then ends.
  ~BlockingThread();

  // Runs `work` there and goes on with what it gave.
  template <typename T>
  Task<T> Run(std::function<T()> work) {
    std::function<void(Done<T>)> start = [this, &work](Done<T> done) {
      Add([work = std::move(work), done = std::move(done)] { done(work()); });
    };
    co_return co_await Await<T>(std::move(start));
  }

 private:
  void Add(std::function<void()> work);
  void Loop();

  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace bulkhead::async
