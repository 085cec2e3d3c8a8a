// SPDX-License-Identifier: Apache-2.0
#include "node/seal_thread.h"

#include <cerrno>
#include <utility>

#include <sys/eventfd.h>

#include "base/check.h"
#include "base/errno_error.h"

namespace bulkhead::node {

base::Result<std::unique_ptr<SealThread>> SealThread::Start() {
  base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return base::WithContext(base::ErrnoError(errno), "eventfd");
  return std::unique_ptr<SealThread>(new SealThread(std::move(wake)));
}

SealThread::SealThread(base::UniqueFd wake) : wake_(std::move(wake)), thread_([this] { Run(); }) {}

SealThread::~SealThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  changed_.notify_one();
  thread_.join();
}

void SealThread::Post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void SealThread::FinishDone() {
  eventfd_t count = 0;
  (void)::eventfd_read(wake_.get(), &count);
  std::deque<Finish> done;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
  }
  for (const Finish& finish : done) finish();
}

void SealThread::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Finish finish = work();
    lock.lock();
    done_.push_back(std::move(finish));
    BH_CHECK(::eventfd_write(wake_.get(), 1) == 0);
  }
}

}  // namespace bulkhead::node
