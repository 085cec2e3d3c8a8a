// SPDX-License-Identifier: Apache-2.0
#include "channel/client_session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "channel/failure_codec.h"
#include "channel/hello_codec.h"
#include "channel/options_codec.h"
#include "channel/reply_rules.h"

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

base::Status CheckRequest(const DetectRequest& request, std::size_t classes) {
  if (request.deadline.count() < 0) {
    return base::OperatorError(Code::kInvalid, "a deadline below zero");
  }
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

std::vector<std::byte> MessageOf(MessageType type, RequestId id) {
  const auto header = EncodeHeader({.type = type, .id = id});
  return {header.begin(), header.end()};
}

}  // namespace

base::Result<std::vector<std::byte>> ClientSession::Begin(const DetectRequest& request) {
  if (!hello_ || draining_) {
    return base::OperatorError(Code::kConflict, "the worker takes no requests now");
  }
  if (outstanding_.size() >= static_cast<std::size_t>(hello_->frames_in_flight_max)) {
    return base::OperatorError(Code::kExhausted, "the worker's frames in flight are used up");
  }
  if (request.id <= last_id_)
    return base::OperatorError(Code::kInvalid, "an id that does not rise");
  BH_TRY(CheckRequest(request, hello_->spec.class_names.size()));
  base::ByteWriter body;
  WriteOptions({request.options, request.annotate}, body);
  const auto header =
      EncodeHeader({.type = MessageType::kDetectRequest,
                    .id = request.id,
                    .deadline = request.deadline,
                    .body_bytes = static_cast<uint32_t>(body.size() + request.encoded.size())});
  base::ByteWriter message;
  message.WriteBytes(header);
  message.WriteBytes(std::move(body).Take());
  last_id_ = request.id;
  outstanding_.emplace(request.id, Asked{.options = request.options, .annotate = request.annotate});
  return std::move(message).Take();
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
    BH_ASSIGN(std::optional<ClientEvent> event, Take(*header, *body));
    if (event) events.push_back(*std::move(event));
    reader_.Next(*header);
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
  if (asked.annotate) return kBodyBytesMax;
  return ReplyBytesMax(shape_, asked.options.detections_max);
}

base::Status ClientSession::Admit(const MessageHeader& header) const {
  BH_TRY(Require(header.deadline.count() == 0, "a deadline of a reply"));
  if (!hello_) return AdmitFirst(header);
  const bool failure = header.type == MessageType::kFailureReply;
  BH_TRY(
      Require(failure || header.type == MessageType::kDetectReply, "a message that is no reply"));
  const auto asked = outstanding_.find(header.id);
  BH_TRY(Require(asked != outstanding_.end(), "a reply to a request that is not outstanding"));
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
