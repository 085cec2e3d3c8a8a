// SPDX-License-Identifier: Apache-2.0
// A ClientSession on a socket, for callers that wait: the command line, tests, benchmarks.
#pragma once

#include <chrono>
#include <memory>

#include "base/result.h"
#include "base/unique_fd.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// One thread at a time. Every call blocks until its deadline at most. kDeadline: the time was up.
// kUnavailable: the worker closed the socket. kCorrupt: it broke the protocol. After kUnavailable
// and kCorrupt no call succeeds any more.
class BlockingClient {
 public:
  // Takes a connected Unix stream socket and waits for Hello.
  static base::Result<BlockingClient> Connect(base::UniqueFd socket,
                                              std::chrono::milliseconds timeout);
  BlockingClient(BlockingClient&&) noexcept;
  BlockingClient& operator=(BlockingClient&&) noexcept;
  ~BlockingClient();

  [[nodiscard]] const Hello& hello() const;

  // One request and its reply. The worker's FailureReply comes back as its error.
  base::Result<DetectReply> Detect(std::span<const std::byte> encoded,
                                   const yolo::DetectOptions& options,
                                   std::chrono::milliseconds timeout);

  // Tells the worker to finish and waits until it closed the socket.
  base::Status Drain(std::chrono::milliseconds timeout);

 private:
  struct State;
  explicit BlockingClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::channel
