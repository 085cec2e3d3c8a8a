// SPDX-License-Identifier: Apache-2.0
// The worker's end of its frames socket, without the socket: bytes in, requests out, replies to
// bytes. docs/formats/worker_protocol.md
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "channel/buffer_pool.h"
#include "channel/frame_buffer.h"
#include "channel/infer_codec.h"
#include "channel/message_reader.h"
#include "channel/messages.h"
#include "channel/reply_codec.h"

namespace bulkhead::channel {

// A DetectRequest with its picture, or an InferRequest with its tensors, as it arrived.
struct ArrivedRequest {
  RequestId id = 0;
  Deadline deadline{0};
  FrameBuffer buffer;  // holds what came; give it to WorkerSession::Recycle when done
  // Of an InferRequest, which has no picture. The inputs lie in `buffer`, aligned to 16 bytes as
  // long as what precedes each is.
  std::optional<Inference> inference;
  yolo::DetectOptions options;
  bool annotate = false;
  std::size_t picture_offset = 0;
  std::size_t picture_bytes = 0;

  [[nodiscard]] std::span<const std::byte> encoded() const {
    return buffer.bytes().subspan(picture_offset, picture_bytes);
  }
};

// The bytes that answer an InferRequest: the front, then the outputs from where they lie.
struct InferAnswer {
  std::vector<std::byte> front;
  std::vector<std::span<const std::byte>> outputs;  // empty when a failure is the answer
};

using WorkerEvent = std::variant<ArrivedRequest, CancelRequest, Drain>;

// One thread at a time; no I/O, no clock.
class WorkerSession {
 public:
  // The first bytes to send, instead of Hello, by a worker that could not start. It ends after
  // them.
  static std::vector<std::byte> EncodeStartFailure(const base::Error& error);

  // The first bytes to send; nothing is received before. kInvalid: a value that Hello cannot carry
  // (hello_codec.h), such as a name that is not UTF-8 or too long. Call once.
  base::Result<std::vector<std::byte>> Start(const Hello& hello);

  // Where the next bytes of the socket should be read to; never empty. Holds nothing but the end of
  // the message that is arriving when its length is known, so that one read may ask for all of it.
  std::span<std::byte> ReceiveBuffer();

  // The first `count` bytes of the last ReceiveBuffer were filled: what they completed, in order.
  // A CancelRequest is only told when its request is not answered yet.
  //
  // kCorrupt, for good: the client broke the protocol; the detail names the rule. End the worker.
  base::Result<std::vector<WorkerEvent>> Received(std::size_t count);

  // The bytes that answer a request, which must be outstanding. A result that does not fit a
  // message becomes a failure: kExhausted over the limits of a message, kInternal when its parts
  // are not those of the model's task.
  std::vector<std::byte> Reply(const DetectReply& reply);
  std::vector<std::byte> Fail(const FailureReply& failure);

  // The outputs' bytes must stay in place until the answer is sent. Outputs that are not what the
  // graph declares become a failure: kUnsupported, or kExhausted over kTensorBytesMax.
  InferAnswer Reply(const InferReply& reply);

  // Takes back, and wipes, the memory of a request for the next one.
  void Recycle(FrameBuffer buffer);

  // Requests that wait for their answer.
  [[nodiscard]] std::size_t outstanding() const { return outstanding_.size(); }
  // Drain came: the worker ends when nothing is outstanding.
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  base::Status Admit(const MessageHeader& header) const;
  base::Status TakeAll(std::vector<WorkerEvent>& events);
  base::Result<ArrivedRequest> TakeRequest(const MessageHeader& header);

  MessageReader reader_;
  ReplyShape shape_;
  std::vector<base::TensorSpec> inputs_;
  std::vector<base::TensorSpec> outputs_;
  std::size_t frames_in_flight_max_ = 0;
  std::set<RequestId> outstanding_;
  RequestId last_id_ = 0;
  bool started_ = false;
  bool draining_ = false;
  std::optional<base::Error> breach_;
  BufferPool recycled_;
};

}  // namespace bulkhead::channel
