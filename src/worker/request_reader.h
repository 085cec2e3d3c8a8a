// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <latch>
#include <memory>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/request_queue.h"

namespace bulkhead::worker {

// The thread that reads requests off the socket into the queue, until either ends. Destroying it
// closes the queue and waits for the thread, which a client that says nothing cannot hold up.
class RequestReader {
 public:
  // Returns when the thread runs, so that a lock which forbids the start of threads, or what one
  // does in its first moments, may follow. `socket` and `queue` must outlive it. Errors are those
  // of base::ErrnoError: no descriptor.
  static base::Result<std::unique_ptr<RequestReader>> Start(int socket, RequestQueue& queue);

  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  ~RequestReader();

 private:
  RequestReader(int socket, RequestQueue& queue, base::UniqueFd stopped, base::UniqueFd stop);

  void Run();

  int socket_;
  RequestQueue& queue_;
  // A pipe whose writing end is closed to stop the thread.
  base::UniqueFd stopped_;
  base::UniqueFd stop_;
  std::latch begun_{1};
  std::thread thread_;
};

}  // namespace bulkhead::worker
