// SPDX-License-Identifier: Apache-2.0
// A thread that several parties share fairly: each has one piece of work there at a time, so nobody
// waits for more than one piece of every other's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "async/blocking_thread.h"
#include "async/task.h"
#include "async/turn.h"

namespace bulkhead::async {

// Lives on the I/O thread; only the work runs elsewhere. It remembers every party it ever had.
class SharedThread {
 public:
  // As BlockingThread::Run, once this party's earlier work is done.
  template <typename T>
  Task<T> Run(std::string party, std::function<T()> work) {
    const Turn::Held held = co_await turns_[std::move(party)].Take();
    co_return co_await thread_.Run<T>(std::move(work));
  }

 private:
  std::map<std::string, Turn> turns_;
  BlockingThread thread_;
};

}  // namespace bulkhead::async
