// SPDX-License-Identifier: Apache-2.0
#include "fleet/worker_wire.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/errno_error.h"
#include "base/monotonic_clock.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using boost::system::error_code;

base::Error TooLate() {
  return base::PublicError(Code::kDeadline, "the model did not answer in time");
}

base::Error Cancelled() { return base::OperatorError(Code::kDeadline, "the call was cancelled"); }

// What the callers of a broken link read; why it broke is the operator's.
base::Error Gone(const base::Error& cause) {
  return {Code::kUnavailable, cause.detail, "the model's worker ended before it answered"};
}

base::Error Closed() {
  return base::OperatorError(Code::kUnavailable, "the worker closed its socket");
}

}  // namespace

WorkerLink::Wire::Wire(boost::asio::io_context& io, LinkWatch watch,
                       const channel::ClientLimits& limits)
    : io_(io),
      socket_(io),
      timer_(io, [this] { EndLate(); }),
      watch_(std::move(watch)),
      session_(limits) {}

base::Status WorkerLink::Wire::Assign(const base::UniqueFd& frames) {
  const int copy = ::fcntl(frames.get(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return base::ErrnoError(errno);
  error_code error;
  socket_.assign(boost::asio::local::stream_protocol(), copy, error);
  if (!error) return base::Ok();
  ::close(copy);
  return base::OperatorError(Code::kInternal, "a worker's socket: " + error.message());
}

// --- Reading ------------------------------------------------------------------------------------

void WorkerLink::Wire::Read() {
  const std::span<std::byte> into = session_.ReceiveBuffer();
  socket_.async_receive(boost::asio::buffer(into.data(), into.size()),
                        [weak = weak_from_this()](const error_code& error, std::size_t count) {
                          const auto self = weak.lock();
                          if (!self || self->ended_) return;
                          if (error || count == 0) return self->Break(Closed());
                          self->OnRead(count);
                        });
}

void WorkerLink::Wire::OnRead(std::size_t count) {
  const std::size_t outstanding = session_.outstanding();
  reply_memory_->MoveTo(session_);
  auto events = session_.Received(count);
  if (!events.ok()) return Break(std::move(events).error());
  for (channel::ClientEvent& event : events.value()) {
    if (!Take(std::move(event))) return;
  }
  Read();
  if (session_.outstanding() < outstanding && !ended_ && watch_.on_room) watch_.on_room();
}

// False: the link ended with it.
bool WorkerLink::Wire::Take(channel::ClientEvent event) {
  if (std::holds_alternative<channel::Hello>(event)) {
    if (watch_.on_hello) watch_.on_hello();
    return !ended_;
  }
  if (auto* failure = std::get_if<channel::FailureReply>(&event)) {
    if (failure->id == 0) {
      Break(std::move(failure->error));
      return false;
    }
    End(failure->id, std::move(failure->error));
    return true;
  }
  const auto* infer = std::get_if<channel::InferReply>(&event);
  const auto id = infer != nullptr ? infer->id : std::get<channel::DetectReply>(event).id;
  End(id, std::move(event));
  return true;
}

// --- Calls --------------------------------------------------------------------------------------

base::Result<channel::RequestId> WorkerLink::Wire::Begin(const DetectCall& call) {
  GiveBack();
  if (ended_) return Gone(Closed());
  const channel::DetectRequest request{.id = last_id_ + 1,
                                       .deadline = call.deadline,
                                       .options = call.options,
                                       .encoded = call.encoded,
                                       .annotate = call.annotate};
  BH_ASSIGN(std::vector<std::byte> front, session_.Begin(request));
  unwritten_.Push(std::move(front));
  unwritten_.Push(call.encoded, call.owner);
  WriteSoon();
  return ++last_id_;
}

base::Result<channel::RequestId> WorkerLink::Wire::Begin(InferCall call) {
  GiveBack();
  if (ended_) return Gone(Closed());
  const channel::InferRequest request{.id = last_id_ + 1,
                                      .deadline = call.deadline,
                                      .inputs = std::move(call.inputs),
                                      .outputs = std::move(call.outputs)};
  BH_ASSIGN(std::vector<std::byte> front, session_.Begin(request));
  unwritten_.Push(std::move(front));
  for (const base::TensorView& input : request.inputs) unwritten_.Push(input.bytes, call.owner);
  WriteSoon();
  return ++last_id_;
}

void WorkerLink::Wire::Wait(channel::RequestId id, channel::Deadline deadline,
                            const async::CancelToken& cancel, async::Done<Answer> done) {
  waiting_[id] = {deadline, std::move(done), {}};
  timer_.Arm(deadline);
  // It may call at once, and then nobody is waiting any more.
  async::CancelWatch watch = cancel.OnCancel([weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->Cancel(id);
  });
  const auto found = waiting_.find(id);
  if (found != waiting_.end()) found->second.cancel = std::move(watch);
}

void WorkerLink::Wire::End(channel::RequestId id, Answer answer) {
  const auto found = waiting_.find(id);
  BH_CHECK(found != waiting_.end());  // the session tells nothing of requests that were abandoned
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  waiting.done(std::move(answer));
}

void WorkerLink::Wire::Cancel(channel::RequestId id) {
  if (ended_ || !waiting_.contains(id)) return;
  auto message = session_.Cancel(id);
  BH_CHECK(message.ok() && session_.Abandon(id).ok());
  unwritten_.Push(std::move(message).value());
  WriteSoon();
  End(id, Cancelled());
}

void WorkerLink::Wire::GiveBack() {
  BH_CHECK(kept_ > 0);
  --kept_;
  TellRoomSoon();
}

void WorkerLink::Wire::TellRoomSoon() {
  if (telling_room_ || ended_ || !watch_.on_room) return;
  telling_room_ = true;
  boost::asio::post(io_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->telling_room_ = false;
    if (!self->ended_) self->watch_.on_room();
  });
}

// --- The end ------------------------------------------------------------------------------------

void WorkerLink::Wire::FailAll(const base::Error& error) {
  for (auto& [id, waiting] : std::exchange(waiting_, {})) waiting.done(error);
}

void WorkerLink::Wire::Break(base::Error error) {
  if (ended_) return;
  ended_ = true;
  error_code ignored;
  socket_.close(ignored);
  FailAll(Gone(error));
  if (!silent_ && watch_.on_broken) watch_.on_broken(error);
}

void WorkerLink::Wire::Close() {
  silent_ = true;
  Break(base::OperatorError(Code::kUnavailable, "the worker was ended"));
}

// --- Writing ------------------------------------------------------------------------------------

// Not at once: calls that begin in the same round of the event loop are written together.
void WorkerLink::Wire::WriteSoon() {
  if (writing_) return;
  writing_ = true;
  boost::asio::post(io_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Write();
  });
}

void WorkerLink::Wire::Write() {
  writing_ = false;
  if (ended_) return;
  const auto written = unwritten_.Write(socket_.native_handle());
  if (!written.ok()) return Break(written.error());
  if (written.value()) return;
  writing_ = true;
  socket_.async_wait(boost::asio::local::stream_protocol::socket::wait_write,
                     [weak = weak_from_this()](const error_code& /*error*/) {
                       if (const auto self = weak.lock()) self->Write();
                     });
}

// --- Deadlines ----------------------------------------------------------------------------------

void WorkerLink::Wire::EndLate() {
  if (ended_) return;
  const channel::Deadline now = base::MonotonicNow();
  std::vector<channel::RequestId> late;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.deadline.count() != 0 && waiting.deadline <= now) late.push_back(id);
  }
  for (const channel::RequestId id : late) {
    // The worker knows the deadline itself.
    BH_CHECK(session_.Abandon(id).ok());
    End(id, TooLate());
  }
  for (const auto& [id, waiting] : waiting_) timer_.Arm(waiting.deadline);
}

}  // namespace bulkhead::fleet
