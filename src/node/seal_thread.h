// SPDX-License-Identifier: Apache-2.0
// A thread for what may block on a key provider or a disk, beside the loop that keeps workers
// alive.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::node {

class SealThread {
 public:
  // What the owner's thread does with what came of the work.
  using Finish = std::function<void()>;
  // Runs on the thread, in the order of Post.
  using Work = std::function<Finish()>;

  // Errors: base::ErrnoError.
  static base::Result<std::unique_ptr<SealThread>> Start();
  SealThread(const SealThread&) = delete;
  SealThread& operator=(const SealThread&) = delete;
  // Waits for the work that runs now; what waits is dropped, and nothing is finished any more.
  ~SealThread();

  void Post(Work work);

  // Readable when something is to be finished; stays this thread's.
  [[nodiscard]] int descriptor() const { return wake_.get(); }
  // On the owner's thread: finishes what is done.
  void FinishDone();

 private:
  explicit SealThread(base::UniqueFd wake);
  void Run();

  const base::UniqueFd wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  std::deque<Finish> done_;
  bool ending_ = false;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace bulkhead::node
