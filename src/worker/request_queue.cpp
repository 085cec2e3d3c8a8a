// SPDX-License-Identifier: Apache-2.0
#include "worker/request_queue.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/monotonic_clock.h"

namespace bulkhead::worker {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

bool TooLate(const WaitingRequest& waiting, nanoseconds now) {
  const nanoseconds deadline = waiting.request.deadline;
  return waiting.cancelled || (deadline.count() != 0 && now >= deadline);
}

}  // namespace

base::Result<std::vector<std::byte>> RequestQueue::Open(const channel::Hello& hello) {
  const std::lock_guard lock(mutex_);
  BH_ASSIGN(std::vector<std::byte> bytes, session_.Start(hello));
  open_ = true;
  room_changed_.notify_one();
  return bytes;
}

std::span<std::byte> RequestQueue::NextBuffer() {
  std::unique_lock lock(mutex_);
  room_changed_.wait(lock,
                     [this] { return closed_ || (open_ && waiting_bytes_ < kQueuedBytesMax); });
  if (closed_) return {};
  return session_.ReceiveBuffer();
}

void RequestQueue::Received(std::size_t count) {
  const std::lock_guard lock(mutex_);
  auto events = session_.Received(count);
  if (!events.ok()) return CloseLocked(std::move(events).error());
  for (channel::WorkerEvent& event : events.value()) Accept(std::move(event));
}

void RequestQueue::Accept(channel::WorkerEvent event) {
  if (auto* request = std::get_if<channel::ArrivedRequest>(&event)) {
    waiting_bytes_ += request->buffer.capacity();
    waiting_.push_back({std::move(*request), base::MonotonicNow()});
  } else if (const auto* cancel = std::get_if<channel::CancelRequest>(&event)) {
    const auto found = std::ranges::find(
        waiting_, cancel->id, [](const WaitingRequest& waiting) { return waiting.request.id; });
    if (found != waiting_.end()) found->cancelled = true;
  } else {
    CloseLocked(base::Ok());
  }
  work_changed_.notify_one();
}

void RequestQueue::Close(base::Status why) {
  const std::lock_guard lock(mutex_);
  CloseLocked(std::move(why));
}

void RequestQueue::CloseLocked(base::Status why) {
  closed_ = true;
  if (end_.ok()) end_ = std::move(why);
  work_changed_.notify_one();
  room_changed_.notify_one();
}

std::optional<Work> RequestQueue::Take() {
  std::unique_lock lock(mutex_);
  while (end_.ok() && !(closed_ && waiting_.empty())) {
    const nanoseconds now = base::MonotonicNow();
    if (auto too_late = TakeTooLate(now); !too_late.empty())
      return Work{std::move(too_late), {}, {}};
    if (!waiting_.empty() && waiting_.front().request.inference) {
      return Work{{}, {}, std::move(TakeFirst(1).front())};
    }
    const BatchDecision decision = DecideBatch(Describe(), policy_, now);
    if (decision.run > 0) return Work{{}, TakeFirst(decision.run), {}};
    if (waiting_.empty()) {
      work_changed_.wait(lock);
    } else {
      work_changed_.wait_until(
          lock, steady_clock::time_point(
                    std::chrono::duration_cast<steady_clock::duration>(decision.wait_until)));
    }
  }
  return std::nullopt;
}

std::vector<WaitingRequest> RequestQueue::TakeTooLate(nanoseconds now) {
  const auto first = std::stable_partition(
      waiting_.begin(), waiting_.end(),
      [now](const WaitingRequest& waiting) { return !TooLate(waiting, now); });
  std::vector<WaitingRequest> taken(std::make_move_iterator(first),
                                    std::make_move_iterator(waiting_.end()));
  waiting_.erase(first, waiting_.end());
  return taken;
}

std::vector<WaitingRequest> RequestQueue::TakeFirst(std::size_t count) {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<WaitingRequest> taken(std::make_move_iterator(waiting_.begin()),
                                    std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

WaitingFrames RequestQueue::Describe() const {
  const auto end = std::ranges::find_if(waiting_, [](const WaitingRequest& waiting) {
    return waiting.request.inference.has_value();
  });
  // Pictures do not overtake tensors, so no more of them can join those before.
  WaitingFrames frames{.count = static_cast<std::size_t>(end - waiting_.begin()),
                       .last = closed_ || end != waiting_.end()};
  if (!waiting_.empty()) frames.oldest_arrival = waiting_.front().arrival;
  for (auto waiting = waiting_.begin(); waiting != end; ++waiting) {
    const nanoseconds deadline = waiting->request.deadline;
    if (deadline.count() == 0) continue;
    if (frames.earliest_deadline.count() == 0 || deadline < frames.earliest_deadline) {
      frames.earliest_deadline = deadline;
    }
  }
  return frames;
}

std::vector<std::byte> RequestQueue::Reply(const channel::DetectReply& reply) {
  const std::lock_guard lock(mutex_);
  return session_.Reply(reply);
}

channel::InferAnswer RequestQueue::Reply(const channel::InferReply& reply) {
  const std::lock_guard lock(mutex_);
  return session_.Reply(reply);
}

std::vector<std::byte> RequestQueue::Fail(const channel::FailureReply& failure) {
  const std::lock_guard lock(mutex_);
  return session_.Fail(failure);
}

void RequestQueue::Recycle(WaitingRequest answered) {
  const std::lock_guard lock(mutex_);
  waiting_bytes_ -= answered.request.buffer.capacity();
  session_.Recycle(std::move(answered.request.buffer));
  room_changed_.notify_one();
}

base::Status RequestQueue::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

}  // namespace bulkhead::worker
