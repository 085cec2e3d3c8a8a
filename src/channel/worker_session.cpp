// SPDX-License-Identifier: Apache-2.0
#include "channel/worker_session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "base/check.h"
#include "channel/failure_codec.h"
#include "channel/hello_codec.h"
#include "channel/limits.h"
#include "channel/options_codec.h"
#include "channel/tensor_rules.h"

namespace bulkhead::channel {
namespace {

base::Status Require(bool condition, std::string_view breach) {
  if (condition) return base::Ok();
  return Breach(breach);
}

bool IsRequest(MessageType type) {
  return type == MessageType::kDetectRequest || type == MessageType::kInferRequest;
}

// The message without the last `more_bytes` of its body.
std::vector<std::byte> MessageOf(MessageType type, RequestId id, std::span<const std::byte> body,
                                 std::size_t more_bytes = 0) {
  const auto body_bytes = static_cast<uint32_t>(body.size() + more_bytes);
  const auto header = EncodeHeader({.type = type, .id = id, .body_bytes = body_bytes});
  std::vector<std::byte> message(header.size() + body.size());
  std::ranges::copy(header, message.begin());
  std::ranges::copy(body, message.begin() + static_cast<std::ptrdiff_t>(header.size()));
  return message;
}

base::Status ReadPicture(std::span<const std::byte> body, std::size_t body_offset,
                         ArrivedRequest& request) {
  base::ByteReader reader(body);
  RequestOptions options = ReadOptions(reader);
  request.options = std::move(options.detect);
  request.annotate = options.annotate;
  BH_TRY(Require(reader.ok(), "options out of their range"));
  request.picture_bytes = reader.remaining();
  request.picture_offset = body_offset + body.size() - request.picture_bytes;
  return Require(request.picture_bytes > 0 && request.picture_bytes <= kPictureBytesMax,
                 "a picture that is empty or too large");
}

}  // namespace

std::vector<std::byte> WorkerSession::EncodeStartFailure(const base::Error& error) {
  return MessageOf(MessageType::kFailureReply, 0, EncodeFailure(error));
}

base::Result<std::vector<std::byte>> WorkerSession::Start(const Hello& hello) {
  BH_CHECK(!started_);
  BH_ASSIGN(const std::vector<std::byte> body, EncodeHello(hello));
  frames_in_flight_max_ = static_cast<std::size_t>(hello.frames_in_flight_max);
  recycled_.Limit(frames_in_flight_max_);
  shape_ = ShapeOf(hello.spec);
  inputs_ = hello.inputs;
  outputs_ = hello.outputs;
  started_ = true;
  return MessageOf(MessageType::kHello, 0, body);
}

std::span<std::byte> WorkerSession::ReceiveBuffer() { return reader_.Free(); }

base::Result<std::vector<WorkerEvent>> WorkerSession::Received(std::size_t count) {
  BH_CHECK(started_);
  if (breach_) return *breach_;
  reader_.Commit(count);
  std::vector<WorkerEvent> events;
  const base::Status taken = TakeAll(events);
  if (taken.ok()) return events;
  breach_ = taken.error();
  return *breach_;
}

base::Status WorkerSession::TakeAll(std::vector<WorkerEvent>& events) {
  while (true) {
    BH_ASSIGN(const auto header, reader_.Header());
    if (!header) return base::Ok();
    BH_TRY(Admit(*header));
    if (!reader_.Body(*header)) return base::Ok();
    if (IsRequest(header->type)) {
      BH_ASSIGN(ArrivedRequest request, TakeRequest(*header));
      events.emplace_back(std::move(request));
      continue;
    }
    reader_.Next(*header);
    if (header->type == MessageType::kDrain) {
      draining_ = true;
      events.emplace_back(Drain{});
    } else if (outstanding_.contains(header->id)) {
      events.emplace_back(CancelRequest{header->id});
    }
  }
}

base::Status WorkerSession::Admit(const MessageHeader& header) const {
  if (IsRequest(header.type)) {
    BH_TRY(Require(!draining_, "a request after Drain"));
    BH_TRY(Require(header.id > last_id_, "an id that does not rise"));
    return Require(outstanding_.size() < frames_in_flight_max_, "too many frames in flight");
  }
  BH_TRY(Require(header.deadline.count() == 0 && header.body_bytes == 0,
                 "a deadline or a body of a message that has none"));
  if (header.type == MessageType::kCancelRequest) {
    return Require(header.id > 0 && header.id <= last_id_, "a cancel of what was never asked");
  }
  BH_TRY(Require(header.type == MessageType::kDrain, "a message of a worker"));
  return Require(header.id == 0 && !draining_, "a Drain with an id, or a second one");
}

base::Result<ArrivedRequest> WorkerSession::TakeRequest(const MessageHeader& header) {
  ArrivedRequest request;
  request.id = header.id;
  request.deadline = header.deadline;
  MessageReader::Taken taken = reader_.Take(header, recycled_.Take());
  const auto body = taken.buffer.bytes().subspan(taken.body_offset, header.body_bytes);
  if (header.type == MessageType::kInferRequest) {
    BH_ASSIGN(request.inference, DecodeInfer(inputs_, outputs_, body));
  } else {
    BH_TRY(ReadPicture(body, taken.body_offset, request));
  }
  request.buffer = std::move(taken.buffer);
  last_id_ = header.id;
  outstanding_.insert(header.id);
  return request;
}

std::vector<std::byte> WorkerSession::Reply(const DetectReply& reply) {
  const auto body = EncodeReply(shape_, reply);
  if (!body.ok()) return Fail({.id = reply.id, .error = body.error()});
  BH_CHECK(outstanding_.erase(reply.id) == 1);
  return MessageOf(MessageType::kDetectReply, reply.id, body.value());
}

std::vector<std::byte> WorkerSession::Fail(const FailureReply& failure) {
  BH_CHECK(outstanding_.erase(failure.id) == 1);
  return MessageOf(MessageType::kFailureReply, failure.id, EncodeFailure(failure.error));
}

InferAnswer WorkerSession::Reply(const InferReply& reply) {
  if (const base::Status checked = CheckOutputs(outputs_, reply.outputs); !checked.ok()) {
    return {.front = Fail({.id = reply.id, .error = checked.error()}), .outputs = {}};
  }
  BH_CHECK(outstanding_.erase(reply.id) == 1);
  InferAnswer answer;
  std::size_t output_bytes = 0;
  for (const InferOutput& output : reply.outputs) {
    answer.outputs.push_back(output.tensor.bytes);
    output_bytes += output.tensor.bytes.size();
  }
  answer.front =
      MessageOf(MessageType::kInferReply, reply.id, EncodeInferReplyFront(reply), output_bytes);
  return answer;
}

void WorkerSession::Recycle(FrameBuffer buffer) { recycled_.Give(std::move(buffer)); }

}  // namespace bulkhead::channel
