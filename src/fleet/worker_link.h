// SPDX-License-Identifier: Apache-2.0
// The gateway's end of one worker's frames socket. The worker is taken for hostile: what it says is
// checked by channel::ClientSession, and a breach ends the link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "async/cancel_token.h"
#include "async/task.h"
#include "base/result.h"
#include "base/tensor.h"
#include "base/unique_fd.h"
#include "channel/client_session.h"
#include "channel/messages.h"
#include "fleet/reply_memory.h"

namespace bulkhead::fleet {

// A channel::DetectRequest without its id. `encoded` is sent from where it lies; `owner` keeps it
// there until it was sent, which may be after the call returned.
struct DetectCall {
  channel::Deadline deadline{0};  // zero: none
  yolo::DetectOptions options;
  std::span<const std::byte> encoded;
  std::shared_ptr<const void> owner;
  bool annotate = false;
};

// A channel::InferRequest without its id; the inputs' bytes as above.
struct InferCall {
  channel::Deadline deadline{0};
  std::vector<base::TensorView> inputs;
  std::vector<uint32_t> outputs;
  std::shared_ptr<const void> owner;
};

// What the owner of a link hears. Called from the event loop, never from within a call of the
// owner's own, and not after Close. A function that is empty is not called.
struct LinkWatch {
  // Hello came: the link takes calls.
  std::function<void()> on_hello;
  // Once, the last that is heard. kUnavailable: the worker closed its socket. kCorrupt: it broke
  // the protocol: end it. Otherwise it could not start, and this is its own error.
  std::function<void(const base::Error& error)> on_broken;
  // load() went down.
  std::function<void()> on_room;
};

// Lives on the I/O thread. Destroyed, it is closed: calls that run on it end with kUnavailable.
class WorkerLink {
 public:
  // Takes a connected Unix stream socket and waits for Hello. kInternal: the event loop does not
  // take the socket.
  static base::Result<std::shared_ptr<WorkerLink>> Open(boost::asio::io_context& io,
                                                        base::UniqueFd frames, LinkWatch watch,
                                                        const channel::ClientLimits& limits = {});
  WorkerLink(const WorkerLink&) = delete;
  WorkerLink& operator=(const WorkerLink&) = delete;
  ~WorkerLink();

  // One picture and its result, in a place that was kept for it (Reserve) and that it gives back;
  // many at a time. The worker's own failure comes as its error. kDeadline: the time is up, or the
  // call was cancelled; what the worker still answers is checked and dropped. kUnavailable: the
  // link broke, or was closed. kConflict, kInvalid: as ClientSession::Begin; nothing was sent.
  async::Task<base::Result<channel::DetectReply>> Detect(DetectCall call,
                                                         async::CancelToken cancel);
  // The same for raw tensors; kUnsupported also as Begin.
  async::Task<base::Result<channel::InferReply>> Infer(InferCall call, async::CancelToken cancel);

  // Calls that the worker owes an answer, those included that nobody waits for any more, and places
  // that are kept.
  [[nodiscard]] std::size_t load() const;
  // Hello came, the link is not broken, and load() is below the worker's frames_in_flight_max.
  [[nodiscard]] bool HasRoom() const;

  // Keeps a place for one call, when HasRoom(). It is used for the call, or given back.
  void Reserve();
  void GiveBack();

  // Where the memory of an InferReply goes when its outputs were used; optional.
  [[nodiscard]] const std::shared_ptr<ReplyMemory>& reply_memory() const;

  // nullptr before it came.
  [[nodiscard]] const channel::Hello* hello() const;
  [[nodiscard]] bool usable() const;  // Hello came, and it is neither broken nor closed

  // Fails what is outstanding with kUnavailable and closes the socket.
  void Close();

 private:
  class Wire;
  explicit WorkerLink(std::shared_ptr<Wire> wire);
  std::shared_ptr<Wire> wire_;
};

}  // namespace bulkhead::fleet
