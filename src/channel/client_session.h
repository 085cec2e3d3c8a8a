// SPDX-License-Identifier: Apache-2.0
// The gateway's end of a worker's frames socket, without the socket: bytes in, events out. The
// worker runs a tenant's model on a tenant's pictures and is taken for hostile: whatever it says is
// checked, and the first thing that no worker of ours would say ends the session.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "channel/buffer_pool.h"
#include "channel/limits.h"
#include "channel/message_reader.h"
#include "channel/messages.h"
#include "channel/reply_codec.h"

namespace bulkhead::channel {

using ClientEvent = std::variant<Hello, DetectReply, InferReply, FailureReply>;

struct ClientLimits {
  // Pixels of all masks of one reply, a byte each in memory. A reply with more becomes a
  // FailureReply with kExhausted.
  std::size_t mask_pixels_max = kMaskPixelsMax;
};

// One thread at a time; no I/O, no clock.
class ClientSession {
 public:
  explicit ClientSession(const ClientLimits& limits = {}) : limits_(limits) {
    recycled_.Limit(kRecycledMax);
  }

  // The bytes to send in front of `request.encoded`, which follows as it is. From here on the
  // request is outstanding, and all of its bytes must be sent.
  //
  // kExhausted: Hello's frames_in_flight_max are outstanding. kConflict: before Hello or after
  // BeginDrain. kInvalid: an id that is not above every earlier one, a deadline below zero, a
  // picture that is empty or over kPictureBytesMax, options that CheckOptions (options_codec.h)
  // refuses, or a class that the model does not have.
  base::Result<std::vector<std::byte>> Begin(const DetectRequest& request);

  // The bytes to send in front of the inputs' bytes, which follow as they are, one input after the
  // other. The rest as above. kInvalid: inputs that are not those of the graph, or have more than
  // kTensorBytesMax together; an output that the graph does not have, or one twice. kUnsupported:
  // an output of text, or of a type that is not known here.
  base::Result<std::vector<std::byte>> Begin(const InferRequest& request);

  // The bytes to send. The answer still comes. kNotFound: not outstanding.
  base::Result<std::vector<std::byte>> Cancel(RequestId id);

  // Nobody waits for the answer any more: it is checked when it comes, and told to nobody. Until
  // then the request stays outstanding. kNotFound: not outstanding.
  base::Status Abandon(RequestId id);

  // The bytes to send when no more requests will come. kConflict: before Hello, or a second time.
  base::Result<std::vector<std::byte>> BeginDrain();

  // Where the next bytes from the worker should be read to; never empty. What a worker claims takes
  // no memory: it follows what arrived (message_reader.h).
  std::span<std::byte> ReceiveBuffer();

  // The first `count` bytes of the last ReceiveBuffer were filled: what they completed, in order.
  // A FailureReply with id 0 comes in place of Hello: the worker could not start.
  //
  // kCorrupt, for good: the worker broke the protocol; the detail names the rule. End the worker.
  // - a header: magic, version, type, reserved bytes, a deadline, a body longer than its message
  //   can be, before the body is waited for
  // - Hello twice or not first, and what CheckHello (hello_codec.h) refuses
  // - an answer to nothing, or the second to one request
  // - a body that does not parse to its last byte, and what CheckReply (reply_rules.h) refuses
  // - anything after a failed start
  base::Result<std::vector<ClientEvent>> Received(std::size_t count);

  // Takes back, and wipes, the memory of an InferReply for the next one. Optional: without it every
  // reply grows its own.
  void Recycle(FrameBuffer memory) { recycled_.Give(std::move(memory)); }

  // Requests whose answers did not come yet, abandoned ones included.
  [[nodiscard]] std::size_t outstanding() const { return outstanding_.size(); }
  // nullptr before Hello came.
  [[nodiscard]] const Hello* hello() const { return hello_ ? &*hello_ : nullptr; }

 private:
  // One that is read into, and one for the message after it.
  static constexpr std::size_t kRecycledMax = 2;

  struct Asked {
    yolo::DetectOptions options;
    bool annotate = false;
    std::optional<std::vector<uint32_t>> wanted;  // of an InferRequest
    bool abandoned = false;
  };

  base::Status AdmitRequest(RequestId id, Deadline deadline) const;
  [[nodiscard]] std::size_t BytesMax(const Asked& asked) const;
  base::Status Admit(const MessageHeader& header) const;
  base::Status AdmitFirst(const MessageHeader& header) const;
  base::Result<std::optional<ClientEvent>> Take(const MessageHeader& header,
                                                std::span<const std::byte> body);
  base::Result<ClientEvent> TakeReply(const MessageHeader& header, const Asked& asked,
                                      std::span<const std::byte> body) const;
  // Takes the message off the reader, whose memory goes with the outputs.
  base::Result<std::optional<ClientEvent>> TakeOutputs(const MessageHeader& header);
  base::Status TakeAll(std::vector<ClientEvent>& events);

  ClientLimits limits_;
  MessageReader reader_;
  BufferPool recycled_;
  std::optional<Hello> hello_;
  ReplyShape shape_;
  std::map<RequestId, Asked> outstanding_;
  RequestId last_id_ = 0;
  bool start_failed_ = false;
  bool draining_ = false;
  std::optional<base::Error> breach_;
};

}  // namespace bulkhead::channel
