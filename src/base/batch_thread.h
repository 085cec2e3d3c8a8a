// SPDX-License-Identifier: Apache-2.0
// A thread that takes all that waits at once: group commit.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/prctl.h>

namespace bulkhead::base {

// Any thread may add. What is added while a batch is being committed forms the next one.
template <typename Item>
class BatchThread {
 public:
  // On the thread, one batch after the other, none of them empty.
  using Commit = std::function<void(std::vector<Item>& batch)>;

  // `name`: of the thread, at most 15 bytes.
  BatchThread(std::string name, std::size_t waiting_max, Commit commit)
      : waiting_max_(waiting_max), commit_(std::move(commit)) {
    thread_ = std::thread([this, name = std::move(name)] {
      ::prctl(PR_SET_NAME, name.c_str());  // for whoever asks what spends time
      Run();
    });
  }
  BatchThread(const BatchThread&) = delete;
  BatchThread& operator=(const BatchThread&) = delete;
  // Commits what was added before it.
  ~BatchThread() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  // False: waiting_max items wait already, and the item is as it was.
  [[nodiscard]] bool Add(Item& item) {
    {
      const std::lock_guard guard(mutex_);
      if (forming_.size() >= waiting_max_) return false;
      forming_.push_back(std::move(item));
      // Later ones find the thread awake or about to look.
      if (forming_.size() > 1) return true;
    }
    wake_.notify_one();
    return true;
  }

 private:
  void Run() {
    std::vector<Item> batch;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !forming_.empty(); });
        if (forming_.empty()) return;
        std::swap(batch, forming_);
      }
      commit_(batch);
      batch.clear();
    }
  }

  const std::size_t waiting_max_;
  const Commit commit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> forming_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  std::thread thread_;
};

}  // namespace bulkhead::base
