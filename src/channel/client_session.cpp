// SPDX-License-Identifier: Apache-2.0
#include "channel/client_session.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "channel/failure_codec.h"
#include "channel/hello_codec.h"
#include "channel/infer_codec.h"
#include "channel/options_codec.h"
#include "channel/reply_rules.h"
#include "channel/tensor_rules.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using base::PublicError;

base::Status Require(bool condition, std::string_view breach) {
  if (condition) return base::Ok();
  return Breach(breach);
}

base::Error NotOutstanding(RequestId id) {
  return base::OperatorError(Code::kNotFound,
                             "request " + std::to_string(id) + " is not outstanding");
}

base::Status CheckPicture(const DetectRequest& request, std::size_t classes) {
  if (request.encoded.empty()) return PublicError(Code::kInvalid, "the picture is empty");
  if (request.encoded.size() > kPictureBytesMax) {
    return PublicError(Code::kInvalid,
                       "the picture has more than " + std::to_string(kPictureBytesMax) + " bytes");
  }
  BH_TRY(CheckOptions(request.options));
  for (const int class_index : request.options.classes) {
    if (static_cast<std::size_t>(class_index) >= classes) {
      return PublicError(Code::kInvalid, "the model has no class " + std::to_string(class_index));
    }
  }
  return base::Ok();
}

// The message without the last `more_bytes` of its body.
std::vector<std::byte> FrontOf(MessageHeader header, std::span<const std::byte> front,
                               std::size_t more_bytes) {
  header.body_bytes = static_cast<uint32_t>(front.size() + more_bytes);
  base::ByteWriter message;
  message.WriteBytes(EncodeHeader(header));
  message.WriteBytes(front);
  return std::move(message).Take();
}

// What was asked for, or every output of the graph.
std::vector<uint32_t> WantedOf(const InferRequest& request, const Hello& hello) {
  std::vector<uint32_t> wanted = request.outputs;
  if (!wanted.empty()) return wanted;
  wanted.resize(hello.outputs.size());
  std::iota(wanted.begin(), wanted.end(), uint32_t{0});
  return wanted;
}

std::vector<std::byte> MessageOf(MessageType type, RequestId id) {
  const auto header = EncodeHeader({.type = type, .id = id});
  return {header.begin(), header.end()};
}

}  // namespace

base::Status ClientSession::AdmitRequest(RequestId id, Deadline deadline) const {
  if (!hello_ || draining_) {
    return base::OperatorError(Code::kConflict, "the worker takes no requests now");
  }
  if (outstanding_.size() >= static_cast<std::size_t>(hello_->frames_in_flight_max)) {
    return base::OperatorError(Code::kExhausted, "the worker's frames in flight are used up");
  }
  if (id <= last_id_) return base::OperatorError(Code::kInvalid, "an id that does not rise");
  if (deadline.count() >= 0) return base::Ok();
  return base::OperatorError(Code::kInvalid, "a deadline below zero");
}

base::Result<std::vector<std::byte>> ClientSession::Begin(const DetectRequest& request) {
  BH_TRY(AdmitRequest(request.id, request.deadline));
  BH_TRY(CheckPicture(request, hello_->spec.class_names.size()));
  base::ByteWriter front;
  WriteOptions({request.options, request.annotate}, front);
  last_id_ = request.id;
  Asked& asked = outstanding_[request.id];
  asked.options = request.options;
  asked.annotate = request.annotate;
  return FrontOf({MessageType::kDetectRequest, request.id, request.deadline},
                 std::move(front).Take(), request.encoded.size());
}

base::Result<std::vector<std::byte>> ClientSession::Begin(const InferRequest& request) {
  BH_TRY(AdmitRequest(request.id, request.deadline));
  BH_TRY(CheckInputs(hello_->inputs, request.inputs));
  std::vector<uint32_t> wanted = WantedOf(request, *hello_);
  BH_TRY(CheckWanted(hello_->outputs, wanted));
  const std::vector<std::byte> front = EncodeInferFront(request.inputs, wanted);
  std::size_t input_bytes = 0;
  for (const base::TensorView& input : request.inputs) input_bytes += input.bytes.size();
  last_id_ = request.id;
  outstanding_[request.id].wanted = std::move(wanted);
  return FrontOf({MessageType::kInferRequest, request.id, request.deadline}, front, input_bytes);
}

base::Result<std::vector<std::byte>> ClientSession::Cancel(RequestId id) {
  if (!outstanding_.contains(id)) return NotOutstanding(id);
  return MessageOf(MessageType::kCancelRequest, id);
}

base::Status ClientSession::Abandon(RequestId id) {
  const auto found = outstanding_.find(id);
  if (found == outstanding_.end()) return NotOutstanding(id);
  found->second.abandoned = true;
  return base::Ok();
}

base::Result<std::vector<std::byte>> ClientSession::BeginDrain() {
  if (!hello_ || draining_) {
    return base::OperatorError(Code::kConflict, "the worker is not serving");
  }
  draining_ = true;
  return MessageOf(MessageType::kDrain, 0);
}

std::span<std::byte> ClientSession::ReceiveBuffer() { return reader_.Free(); }

base::Result<std::vector<ClientEvent>> ClientSession::Received(std::size_t count) {
  if (breach_) return *breach_;
  reader_.Commit(count);
  std::vector<ClientEvent> events;
  const base::Status taken = TakeAll(events);
  if (taken.ok()) return events;
  breach_ = taken.error();
  return *breach_;
}

base::Status ClientSession::TakeAll(std::vector<ClientEvent>& events) {
  while (true) {
    BH_ASSIGN(const auto header, reader_.Header());
    if (!header) return base::Ok();
    BH_TRY(Admit(*header));
    const auto body = reader_.Body(*header);
    if (!body) return base::Ok();
    const bool outputs = header->type == MessageType::kInferReply;
    BH_ASSIGN(std::optional<ClientEvent> event,
              outputs ? TakeOutputs(*header) : Take(*header, *body));
    if (event) events.push_back(*std::move(event));
    if (!outputs) reader_.Next(*header);
  }
}

base::Status ClientSession::AdmitFirst(const MessageHeader& header) const {
  BH_TRY(Require(!start_failed_, "a message after the failure to start"));
  BH_TRY(Require(header.id == 0, "a reply before Hello"));
  if (header.type == MessageType::kFailureReply) {
    return Require(header.body_bytes <= kFailureBytesMax, "a failure longer than any");
  }
  BH_TRY(Require(header.type == MessageType::kHello, "a message before Hello"));
  return Require(header.body_bytes <= kHelloBytesMax, "a Hello longer than any");
}

std::size_t ClientSession::BytesMax(const Asked& asked) const {
  if (asked.wanted) return InferReplyBytesMax(hello_->outputs, *asked.wanted);
  if (asked.annotate) return kBodyBytesMax;
  return ReplyBytesMax(shape_, asked.options.detections_max);
}

base::Status ClientSession::Admit(const MessageHeader& header) const {
  BH_TRY(Require(header.deadline.count() == 0, "a deadline of a reply"));
  if (!hello_) return AdmitFirst(header);
  const bool failure = header.type == MessageType::kFailureReply;
  BH_TRY(Require(failure || header.type == MessageType::kDetectReply ||
                     header.type == MessageType::kInferReply,
                 "a message that is no reply"));
  const auto asked = outstanding_.find(header.id);
  BH_TRY(Require(asked != outstanding_.end(), "a reply to a request that is not outstanding"));
  const auto due = asked->second.wanted ? MessageType::kInferReply : MessageType::kDetectReply;
  BH_TRY(Require(failure || header.type == due, "a reply to a request of another kind"));
  return Require(header.body_bytes <= (failure ? kFailureBytesMax : BytesMax(asked->second)),
                 "a reply longer than its request allows");
}

base::Result<std::optional<ClientEvent>> ClientSession::Take(const MessageHeader& header,
                                                             std::span<const std::byte> body) {
  if (header.type == MessageType::kHello) {
    BH_ASSIGN(hello_, DecodeHello(body));
    shape_ = ShapeOf(hello_->spec);
    return std::optional<ClientEvent>(*hello_);
  }
  if (header.id == 0) {
    BH_ASSIGN(FailureReply failure, DecodeFailure(0, body));
    start_failed_ = true;
    return std::optional<ClientEvent>(std::move(failure));
  }
  const auto asked = outstanding_.find(header.id);
  BH_ASSIGN(ClientEvent event, TakeReply(header, asked->second, body));
  const bool abandoned = asked->second.abandoned;
  outstanding_.erase(asked);
  if (abandoned) return std::optional<ClientEvent>();
  return std::optional<ClientEvent>(std::move(event));
}

base::Result<std::optional<ClientEvent>> ClientSession::TakeOutputs(const MessageHeader& header) {
  const auto asked = outstanding_.find(header.id);
  MessageReader::Taken taken = reader_.Take(header, recycled_.Take());
  BH_ASSIGN(InferReply reply,
            DecodeInferReply(header.id, hello_->outputs, *asked->second.wanted,
                             taken.buffer.bytes().subspan(taken.body_offset, header.body_bytes)));
  const bool abandoned = asked->second.abandoned;
  outstanding_.erase(asked);
  if (abandoned) {
    recycled_.Give(std::move(taken.buffer));
    return std::optional<ClientEvent>();
  }
  reply.memory = std::move(taken.buffer);
  return std::optional<ClientEvent>(std::move(reply));
}

base::Result<ClientEvent> ClientSession::TakeReply(const MessageHeader& header, const Asked& asked,
                                                   std::span<const std::byte> body) const {
  if (header.type == MessageType::kFailureReply) {
    BH_ASSIGN(FailureReply failure, DecodeFailure(header.id, body));
    return ClientEvent(std::move(failure));
  }
  const ReplyLimits limits{.detections_max = asked.options.detections_max,
                           .mask_pixels_max = limits_.mask_pixels_max,
                           .annotated = asked.annotate};
  auto reply = DecodeReply(header.id, shape_, limits, body);
  if (!reply.ok() && reply.error().code == Code::kExhausted) {
    return ClientEvent(FailureReply{.id = header.id, .error = reply.error()});
  }
  if (!reply.ok()) return reply.error();
  BH_TRY(CheckReply(*hello_, asked.options, reply.value()));
  return ClientEvent(std::move(reply).value());
}

}  // namespace bulkhead::channel
