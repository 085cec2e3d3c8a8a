// SPDX-License-Identifier: Apache-2.0
#include "async/blocking_thread.h"

#include <sys/resource.h>
#include <unistd.h>

namespace bulkhead::async {
namespace {

constexpr int kYielding = 10;

}  // namespace

BlockingThread::BlockingThread() : thread_([this] { Loop(); }) {}

BlockingThread::~BlockingThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  added_.notify_one();
  thread_.join();
}

void BlockingThread::Add(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  added_.notify_one();
}

void BlockingThread::Loop() {
  // On Linux of this thread alone.
  const auto thread = static_cast<id_t>(::gettid());
  (void)::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + kYielding);
  std::unique_lock lock(mutex_);
  for (;;) {
    added_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace bulkhead::async
