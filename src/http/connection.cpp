// SPDX-License-Identifier: Apache-2.0
#include "http/connection.h"

#include <utility>

namespace bulkhead::http {

Connection::Connection(std::shared_ptr<ServerState> server, std::unique_ptr<TlsStream> tls,
                       Peer peer)
    : server_(std::move(server)), peer_(std::move(peer)), socket_(server_->io, std::move(tls)) {
  request_.peer = peer_.text;
  request_.tls = socket_.tls();
  if (server_->options.wipe_bodies) input_.WipeUsed();
  EnterPhase(Phase::kHead, server_->options.limits.head_time_max);
  server_->Enter(*this, peer_);
}

Connection::~Connection() {
  WipeBody();
  server_->FreeBody(body_held_);
  server_->Leave(*this, peer_);
}

async::Task<> Connection::Run(std::shared_ptr<Connection> self) {
  try {
    co_await self->Serve();
  } catch (...) {
    // No memory: this connection ends, the others go on.
  }
  self->phase_ = Phase::kLingering;
  self->socket_.CloseSending();
  self->socket_.Cancel();
}

async::Task<> Connection::Serve() {
  for (;;) {
    const bool again = co_await ServeOne();
    if (!again) break;
  }
  if (close_after_) co_await Linger();
}

async::Task<bool> Connection::ServeOne() {
  Received received = co_await Receive();
  Response response;
  if (received.request) {
    response = co_await Handle();
  } else if (received.refusal) {
    response = std::move(*received.refusal);
  } else {
    co_return false;
  }
  const bool keep_alive = framing_.keep_alive && !close_after_ && open() && !server_->stopping();
  bool delivered = false;
  try {
    delivered = co_await Send(response, keep_alive);
  } catch (...) {
    // No memory to send it with.
  }
  if (received.request && !delivered) ++server_->counts.undelivered;
  if (response.written) response.written(delivered);
  EndRequest();
  co_return delivered&& keep_alive;
}

async::Task<Response> Connection::Handle() {
  phase_ = Phase::kRunning;
  cancel_.Renew();
  Watch();
  const RequestScope scope{.cancel = cancel_.token(), .arrived = arrived_};
  std::optional<Response> response;
  try {
    response = co_await server_->handlers.handle(request_, scope);
  } catch (...) {
    // Told as any other failure of ours, below.
  }
  if (!response) response = Refuse({.status = 500, .message = "The request failed."});
  co_return std::move(*response);
}

void Connection::EndRequest() {
  constexpr std::size_t kKeptBytes = 1'024;
  server_->FreeBody(std::exchange(body_held_, 0));
  WipeBody();
  if (request_.body.capacity() > kKeptBytes) request_.body = {};
  for (std::string* text : {&request_.target, &request_.query, &head_}) {
    if (text->capacity() > kKeptBytes) *text = {};
  }
}

async::Task<> Connection::Linger() {
  if (interruption_ == Interruption::kBroken) co_return;
  interruption_ = Interruption::kNone;
  EnterPhase(Phase::kLingering, server_->options.limits.linger_time_max);
  socket_.CloseSending();
  while (open()) {
    input_.Consume(input_.bytes().size());
    co_await More(InputBuffer::kSmallBytes, InputBuffer::kSmallBytes);
  }
}

async::Task<> Connection::Yield() {
  return boost::asio::post(server_->io.get_executor(),
                           boost::asio::use_awaitable_t<async::IoExecutor>());
}

async::Task<> Connection::More(std::size_t wanted, std::size_t bytes_max) {
  if (!open()) co_return;
  if (!reading_) {
    reading_body_ = false;
    StartRead(input_.Room(wanted, bytes_max));
  }
  co_await wakeup_.Wait();
}

void Connection::Watch() {
  if (reading_ || !open()) return;
  const auto room = input_.Room(InputBuffer::kSmallBytes, InputBuffer::kSmallBytes);
  if (room.empty()) return;  // it sent on: it is there
  reading_body_ = false;
  StartRead(room);
}

void Connection::StartRead(std::span<std::byte> room) {
  reading_ = true;
  socket_.AsyncRead(room, [self = shared_from_this()](StreamStep step) { self->OnRead(step); });
}

void Connection::OnRead(StreamStep step) {
  reading_ = false;
  last_read_ = step.bytes;
  if (step.end == StreamEnd::kMoved) {
    server_->counts.received_bytes += step.bytes;
    body_received_ += step.bytes;
    if (!reading_body_) input_.Commit(step.bytes);
  } else if (step.end != StreamEnd::kReadWait) {
    input_ended_ = true;
  }
  if (phase_ != Phase::kRunning) return wakeup_.Wake();
  if (input_ended_) return CancelRequest();
  Watch();
}

void Connection::CancelRequest() {
  ++server_->counts.cancelled;
  cancel_.Cancel();
}

void Connection::EnterPhase(Phase phase, std::chrono::nanoseconds time_max) {
  phase_ = phase;
  deadline_ = server_->now + time_max;
}

bool Connection::BodyIsTooSlow() const {
  const Limits& limits = server_->options.limits;
  const auto beyond = server_->now - body_begin_ - limits.body_grace;
  if (beyond < std::chrono::nanoseconds::zero()) return false;
  const std::chrono::duration<double> seconds = beyond;
  return static_cast<double>(body_received_) <
         seconds.count() * static_cast<double>(limits.body_bytes_per_second_min);
}

void Connection::Tick() {
  Counts& counts = server_->counts;
  const bool over = server_->now >= deadline_;
  switch (phase_) {
    case Phase::kIdle:
      if (over) Interrupt(Interruption::kOverdue, &counts.shed_idle);
      break;
    case Phase::kHead:
      if (over) Interrupt(Interruption::kOverdue, &counts.shed_head);
      break;
    case Phase::kBody:
      if (BodyIsTooSlow()) Interrupt(Interruption::kOverdue, &counts.shed_body);
      break;
    case Phase::kWriting:
      if (over) Interrupt(Interruption::kOverdue, &counts.shed_write);
      break;
    case Phase::kLingering:
      if (over) Interrupt(Interruption::kOverdue, nullptr);
      break;
    case Phase::kRunning:
      break;  // its handler knows how long it may take
  }
}

void Connection::Interrupt(Interruption why, uint64_t* count) {
  if (interruption_ != Interruption::kNone) return;
  interruption_ = why;
  if (count != nullptr) ++*count;
  socket_.Cancel();
}

void Connection::Stop() {
  const bool asks_nothing = phase_ == Phase::kIdle || (phase_ == Phase::kHead && input_.empty());
  if (asks_nothing) Interrupt(Interruption::kStopped, nullptr);
}

void Connection::Break() {
  if (interruption_ == Interruption::kBroken) return;
  interruption_ = Interruption::kBroken;
  socket_.Break();
  if (phase_ == Phase::kRunning) CancelRequest();
}

void Connection::Drop() {
  Break();
  wakeup_.Drop();
}

}  // namespace bulkhead::http
