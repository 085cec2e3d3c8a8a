// SPDX-License-Identifier: Apache-2.0
// Connection's way from bytes to a request.
#include <algorithm>
#include <utility>

#include "base/monotonic_clock.h"
#include "base/secret_bytes.h"
#include "http/chunked_body.h"
#include "http/connection.h"
#include "http/request_head.h"

namespace bulkhead::http {
namespace {

constexpr Refusal kGone{.status = 0, .message = ""};
constexpr Refusal kTooLarge{.status = 413, .message = "The request's body is too large."};
constexpr Refusal kNoRoom{.status = 503, .message = "Too many requests are being received."};

// A body grows by this much, so that no memory is touched for what only was announced.
constexpr uint64_t kBodyStep = 256 << 10;
// Reserved in one piece for a body of known length; larger ones grow by doubling.
constexpr uint64_t kReservedMax = 8 << 20;
constexpr std::size_t kChunksBufferBytes = 64 << 10;
// Decoded before others get their turn: a fraction of a millisecond.
constexpr std::size_t kDecodeStep = 128 << 10;

}  // namespace

async::Task<Connection::Received> Connection::Receive() {
  Received received;
  close_after_ = true;  // until the request's end is found
  std::optional<Refusal> refusal = co_await ReceiveHead();
  HeadDecision decision;
  if (!refusal) {
    ++server_->counts.requests;
    if (server_->handlers.on_head) decision = server_->handlers.on_head(request_);
    if (decision.refusal) {
      close_after_ = framing_.body != BodyFraming::kNone;
      received.refusal = std::move(decision.refusal);
      co_return received;
    }
    request_.known = std::move(decision.known);
    const uint64_t bytes_max =
        decision.body_bytes_max.value_or(server_->options.limits.body_bytes_max);
    if (!TakeWholeBody(bytes_max, refusal)) refusal = co_await ReceiveBody(bytes_max);
  }
  received.request = !refusal.has_value();
  if (refusal && refusal->status != kGone.status) received.refusal = Refuse(*refusal);
  if (received.request || !received.refusal) close_after_ = false;
  co_return received;
}

// Behind a proxy the last request may have been somebody else's.
void Connection::Forget() {
  request_.method.clear();
  request_.target.clear();
  request_.query.clear();
  request_.headers.Clear();
  WipeBody();
  request_.body.clear();
  request_.http_1_0 = false;
  request_.known.reset();
}

void Connection::WipeBody() {
  if (server_->options.wipe_bodies) base::WipeBytes(request_.body);
}

async::Task<std::optional<Refusal>> Connection::ReceiveHead() {
  const Limits& limits = server_->options.limits;
  HeadScan scan;
  bool first = true;
  Forget();
  for (;;) {
    // Some clients end a body with a line's end that does not count (RFC 9112 section 2.2).
    if (first && input_.text().starts_with("\r\n")) {
      input_.Consume(2);
      scan = HeadScan();
      first = false;
    }
    if (auto refusal = scan.Scan(input_.text(), limits)) co_return refusal;
    if (scan.head_bytes() > 0) break;
    if (phase_ != Phase::kHead) {
      const bool idle = input_.empty();
      if (!idle) EnterPhase(Phase::kHead, limits.head_time_max);
      if (idle && phase_ != Phase::kIdle) EnterPhase(Phase::kIdle, limits.idle_time_max);
    }
    co_await More(InputBuffer::kSmallBytes, limits.head_bytes_max + InputBuffer::kSmallBytes);
    if (!open()) co_return EndedReading();
  }
  arrived_ = base::MonotonicNow();
  auto refusal =
      ParseRequestHead(input_.text().substr(0, scan.head_bytes()), limits, request_, framing_);
  input_.Consume(scan.head_bytes());
  co_return refusal;
}

Refusal Connection::EndedReading() {
  const bool overdue = interruption_ == Interruption::kOverdue;
  if (!overdue && !socket_.established()) ++server_->counts.shed_tls;
  const bool asked = phase_ == Phase::kBody || (phase_ == Phase::kHead && !input_.empty());
  if (!overdue || !asked) return kGone;
  interruption_ = Interruption::kNone;  // it is told why
  return {.status = 408, .message = "The request came too slowly."};
}

bool Connection::HoldBody(uint64_t bytes) {
  if (bytes <= body_held_) return true;
  if (!server_->HoldBody(bytes - body_held_)) {
    ++server_->counts.shed_bodies;
    return false;
  }
  body_held_ = bytes;
  return true;
}

async::Task<std::optional<Refusal>> Connection::ReceiveBody(uint64_t bytes_max) {
  const auto coding = CodingOfBody(request_.headers);
  if (!coding) co_return Refusal{.status = 501, .message = "The coding is not supported."};
  if (framing_.body == BodyFraming::kNone) co_return std::nullopt;
  const bool plain = framing_.body == BodyFraming::kLength && *coding == ContentCoding::kIdentity;
  if (server_->options.wipe_bodies && !plain) {
    co_return Refusal{.status = 501, .message = "The body has to come as it is, with its length."};
  }
  phase_ = Phase::kBody;
  body_begin_ = server_->now;
  body_received_ = input_.bytes().size();
  std::optional<Refusal> refusal;
  if (framing_.body == BodyFraming::kLength) {
    refusal = co_await ReceiveLength(bytes_max);
  } else {
    refusal = co_await ReceiveChunks(bytes_max);
  }
  if (!refusal && *coding != ContentCoding::kIdentity && !request_.body.empty()) {
    refusal = co_await DecodeBody(*coding, bytes_max);
  }
  co_return refusal;
}

void Connection::TakeBuffered(uint64_t length) {
  const auto held = input_.bytes();
  const auto here = held.first(std::min<uint64_t>(length - request_.body.size(), held.size()));
  request_.body.insert(request_.body.end(), here.begin(), here.end());
  input_.Consume(here.size());
}

bool Connection::TakeWholeBody(uint64_t bytes_max, std::optional<Refusal>& refusal) {
  const uint64_t length = framing_.length;
  if (framing_.body != BodyFraming::kLength || length > bytes_max ||
      length > input_.bytes().size() || reading_ ||
      CodingOfBody(request_.headers) != ContentCoding::kIdentity) {
    return false;
  }
  TakeBuffered(length);
  if (!HoldBody(length)) refusal = kNoRoom;
  return true;
}

async::Task<std::optional<Refusal>> Connection::ReceiveLength(uint64_t bytes_max) {
  std::vector<std::byte>& body = request_.body;
  const uint64_t length = framing_.length;
  if (length > bytes_max) co_return kTooLarge;
  // Growing would leave copies behind; no memory is touched for what only was announced.
  if (server_->options.wipe_bodies) body.reserve(length);
  TakeBuffered(length);
  if (!HoldBody(body.size())) co_return kNoRoom;
  if (body.size() < length && framing_.expects_continue) {
    const bool sent = co_await SendContinue();
    if (!sent) co_return kGone;
  }
  // A read that began while the last request ran goes into the buffer.
  while (body.size() < length && reading_) {
    co_await wakeup_.Wait();
    TakeBuffered(length);
    if (body.size() < length && !open()) co_return EndedReading();
  }
  uint64_t filled = body.size();
  while (filled < length) {
    if (filled == body.size()) {
      const uint64_t next = std::min(length, filled + kBodyStep);
      if (!HoldBody(next)) co_return kNoRoom;
      if (next > body.capacity()) body.reserve(std::min(length, std::max(kReservedMax, 2 * next)));
      body.resize(next);
    }
    reading_body_ = true;
    StartRead(std::span(body).subspan(filled));
    co_await wakeup_.Wait();
    filled += last_read_;
    if (filled < length && !open()) co_return EndedReading();
  }
  co_return std::nullopt;
}

async::Task<std::optional<Refusal>> Connection::ReceiveChunks(uint64_t bytes_max) {
  ChunkedBody chunks;
  if (input_.empty() && framing_.expects_continue) {
    const bool sent = co_await SendContinue();
    if (!sent) co_return kGone;
  }
  for (;;) {
    std::span<const std::byte> bytes = input_.bytes();
    const std::size_t before = bytes.size();
    auto refusal = chunks.Decode(bytes, bytes_max, request_.body);
    input_.Consume(before - bytes.size());
    if (refusal) co_return refusal;
    if (!HoldBody(request_.body.size())) co_return kNoRoom;
    if (chunks.finished()) co_return std::nullopt;
    co_await More(kChunksBufferBytes, kChunksBufferBytes);
    if (!open()) co_return EndedReading();
  }
}

async::Task<std::optional<Refusal>> Connection::DecodeBody(ContentCoding coding,
                                                           uint64_t bytes_max) {
  phase_ = Phase::kRunning;  // nothing is waited for
  auto inflater = Inflater::Open(coding);
  if (!inflater.ok()) co_return kNoRoom;
  std::vector<std::byte> decoded;
  std::span<const std::byte> coded = request_.body;
  while (!inflater.value().finished()) {
    const auto step = inflater.value().Step(coded, kDecodeStep, decoded);
    if (!step.ok()) {
      co_return Refusal{.status = 400, .message = "The body is not in its Content-Encoding."};
    }
    if (decoded.size() > bytes_max) co_return kTooLarge;
    if (!HoldBody(request_.body.size() + decoded.size())) co_return kNoRoom;
    co_await Yield();
    if (interruption_ != Interruption::kNone) co_return kGone;
  }
  request_.body = std::move(decoded);
  co_return std::nullopt;
}

}  // namespace bulkhead::http
