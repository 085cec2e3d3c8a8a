// SPDX-License-Identifier: Apache-2.0
// A ClientSession on a socket, for callers that wait: the command line, tests, benchmarks.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "channel/client_session.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// One thread at a time. Every call blocks until its timeout at most. The errors of the connection:
// kDeadline: the time was up. kUnavailable: the worker closed the socket. kCorrupt: it broke the
// protocol. The last two, and no other, are for good: usable() is false, the socket is closed, and
// every later call gives the same error.
//
// A request whose time is up fails, but the worker still owes its answer: the answer is awaited
// before frames_in_flight_max are exceeded, checked when it comes, and dropped. What was not sent
// of such a request is kept and sent first by the next call.
class BlockingClient {
 public:
  // Takes a connected Unix stream socket and waits for Hello. A worker that could not start gives
  // its own error.
  static base::Result<BlockingClient> Connect(base::UniqueFd socket,
                                              std::chrono::milliseconds timeout,
                                              const ClientLimits& limits = {});
  BlockingClient(BlockingClient&&) noexcept;
  BlockingClient& operator=(BlockingClient&&) noexcept;
  ~BlockingClient();

  [[nodiscard]] const Hello& hello() const;
  [[nodiscard]] bool usable() const;

  // One request and its reply. `encoded` is sent from where it lies. The worker's FailureReply
  // comes back as its error; kInvalid as ClientSession::Begin.
  base::Result<DetectReply> Detect(std::span<const std::byte> encoded,
                                   const yolo::DetectOptions& options,
                                   std::chrono::milliseconds timeout, bool annotate = false);

  // The same for tensors (InferRequest), which are sent from where they lie.
  base::Result<InferReply> Infer(std::span<const base::TensorView> inputs,
                                 std::span<const uint32_t> outputs,
                                 std::chrono::milliseconds timeout);

  // Tells the worker to finish and waits until it closed the socket; nothing can be asked after
  // that. kUnavailable: it closed before it had answered everything. A call that ran into kDeadline
  // can be repeated.
  base::Status Drain(std::chrono::milliseconds timeout);

 private:
  struct State;
  template <typename Reply, typename Request>
  base::Result<Reply> Ask(Request request, std::vector<std::span<const std::byte>> content,
                          std::chrono::milliseconds timeout);
  explicit BlockingClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::channel
