// SPDX-License-Identifier: Apache-2.0
// What arrived and waits, between the thread that reads the socket and the one that runs the model.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "channel/worker_session.h"
#include "worker/batching.h"

namespace bulkhead::worker {

struct WaitingRequest {
  channel::ArrivedRequest request;
  std::chrono::nanoseconds arrival{0};  // on CLOCK_MONOTONIC
  bool cancelled = false;
};

// What the serving thread does next. One of the three is filled.
struct Work {
  // Cancelled, or past their deadline, before they began.
  std::vector<WaitingRequest> too_late;
  // Pictures to be run together.
  std::vector<WaitingRequest> batch;
  // Tensors, which run alone.
  std::optional<WaitingRequest> inference;
};

// Owns the protocol's session. All functions may be called from both threads, each function from
// one of them only. Holds at most the frames that the client may have in flight, and no more than
// kQueuedBytesMax and one message: then it stops reading, which holds up the client.
class RequestQueue {
 public:
  static constexpr std::size_t kQueuedBytesMax = std::size_t{64} << 20;

  explicit RequestQueue(BatchPolicy policy) : policy_(policy) {}

  // Serving thread. The bytes of Hello, to be sent first; from now on requests are read.
  // Errors are those of channel::WorkerSession::Start.
  base::Result<std::vector<std::byte>> Open(const channel::Hello& hello);

  // Reading thread. Where the next bytes belong; waits until opened and for room. Empty when there
  // is nothing more to read: closed, or the client said that no more will come.
  std::span<std::byte> NextBuffer();
  // Reading thread. So many bytes came to the start of the last buffer. A client that breaks the
  // protocol closes the queue with kCorrupt.
  void Received(std::size_t count);

  // Both threads. Nothing more is read. With an error what waits is dropped as well; the first
  // error stays.
  void Close(base::Status why);

  // Serving thread. Waits for work; nullopt when there will be none.
  std::optional<Work> Take();

  // Serving thread. The bytes of an answer.
  std::vector<std::byte> Reply(const channel::DetectReply& reply);
  channel::InferAnswer Reply(const channel::InferReply& reply);
  std::vector<std::byte> Fail(const channel::FailureReply& failure);
  // Serving thread. Wipes an answered request's picture or tensors.
  void Recycle(WaitingRequest answered);

  // Why it was closed; ok while it was not.
  [[nodiscard]] base::Status end() const;

 private:
  void Accept(channel::WorkerEvent event);
  void CloseLocked(base::Status why);
  std::vector<WaitingRequest> TakeTooLate(std::chrono::nanoseconds now);
  std::vector<WaitingRequest> TakeFirst(std::size_t count);
  // The pictures at the front of the queue.
  [[nodiscard]] WaitingFrames Describe() const;

  const BatchPolicy policy_;
  mutable std::mutex mutex_;
  std::condition_variable work_changed_;
  std::condition_variable room_changed_;
  channel::WorkerSession session_;
  std::deque<WaitingRequest> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool open_ = false;
  bool closed_ = false;
  base::Status end_ = base::Ok();
};

}  // namespace bulkhead::worker
