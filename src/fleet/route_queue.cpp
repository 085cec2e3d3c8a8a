// SPDX-License-Identifier: Apache-2.0
#include "fleet/route_queue.h"

#include <utility>

#include "base/check.h"
#include "base/monotonic_clock.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using base::PublicError;

base::Error NotReady() { return PublicError(Code::kUnavailable, "the model is not ready"); }
base::Error TooMany() {
  return PublicError(Code::kExhausted, "too many calls wait for this model");
}
base::Error TooLate() {
  return PublicError(Code::kDeadline, "the model had no room for the call in time");
}
base::Error Cancelled() {
  return base::OperatorError(Code::kDeadline, "the call was cancelled while it waited");
}

}  // namespace

RouteQueue::RouteQueue(boost::asio::io_context& io) : timer_(io, [this] { EndLate(); }) {}

RouteQueue::~RouteQueue() {
  workers_.clear();
  Refuse();
}

void RouteQueue::Serve(std::vector<RoutedWorker> workers, std::size_t waiting_max) {
  workers_ = std::move(workers);
  waiting_max_ = waiting_max;
  last_chosen_ = 0;
  Refuse();
  Pump();
}

bool RouteQueue::Serves(std::optional<tenant::Version> version) const {
  return !workers_.empty() && (!version || workers_.front().version == *version);
}

// Those whom nobody serves any more.
void RouteQueue::Refuse() {
  std::vector<uint64_t> refused;
  for (const auto& [id, waiting] : waiting_) {
    if (!Serves(waiting.version)) refused.push_back(id);
  }
  for (const uint64_t id : refused) End(id, NotReady());
}

// The one with the least to do; of equals the next after the one that was chosen last.
const RoutedWorker* RouteQueue::Least() {
  std::optional<std::size_t> best;
  for (std::size_t step = 1; step <= workers_.size(); ++step) {
    const std::size_t index = (last_chosen_ + step) % workers_.size();
    const WorkerLink& link = *workers_[index].link;
    if (!link.HasRoom()) continue;
    if (!best || link.load() < workers_[*best].link->load()) best = index;
  }
  if (!best) return nullptr;
  last_chosen_ = *best;
  return &workers_[*best];
}

void RouteQueue::Pump() {
  while (!waiting_.empty()) {
    const RoutedWorker* worker = Least();
    if (worker == nullptr) return;
    End(waiting_.begin()->first, Lease(*worker));
  }
}

base::Result<std::optional<Lease>> RouteQueue::TakeNow(const RouteRequest& request) {
  if (!Serves(request.version)) return NotReady();
  if (waiting_.empty()) {
    if (const RoutedWorker* worker = Least()) return std::optional<Lease>(Lease(*worker));
  }
  if (waiting_.size() >= waiting_max_) return TooMany();
  return std::optional<Lease>();
}

async::Task<base::Result<Lease>> RouteQueue::Take(const RouteRequest& request,
                                                  async::CancelToken cancel) {
  auto now = TakeNow(request);
  if (!now.ok()) co_return now.error();
  if (now.value()) co_return *std::move(now).value();
  auto wait = [&](async::Done<base::Result<Lease>> done) {
    Wait(request, cancel, std::move(done));
  };
  co_return co_await async::Await<base::Result<Lease>>(std::move(wait));
}

void RouteQueue::Wait(const RouteRequest& request, const async::CancelToken& cancel,
                      async::Done<base::Result<Lease>> done) {
  const uint64_t id = ++last_id_;
  waiting_[id] = {request.version, request.deadline, std::move(done), {}};
  timer_.Arm(request.deadline);
  // It may call at once, and then the call does not wait any more.
  async::CancelWatch watch = cancel.OnCancel([this, id] { End(id, Cancelled()); });
  const auto found = waiting_.find(id);
  if (found != waiting_.end()) found->second.cancel = std::move(watch);
}

void RouteQueue::End(uint64_t id, base::Result<Lease> outcome) {
  const auto found = waiting_.find(id);
  BH_CHECK(found != waiting_.end());
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  waiting.done(std::move(outcome));
}

void RouteQueue::EndLate() {
  const auto now = base::MonotonicNow();
  std::vector<uint64_t> late;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.deadline.count() != 0 && waiting.deadline <= now) late.push_back(id);
  }
  for (const uint64_t id : late) End(id, TooLate());
  for (const auto& [id, waiting] : waiting_) timer_.Arm(waiting.deadline);
}

}  // namespace bulkhead::fleet
