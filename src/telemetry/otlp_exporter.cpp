// SPDX-License-Identifier: Apache-2.0
#include "telemetry/otlp_exporter.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/monotonic_clock.h"
#include "telemetry/otlp_json.h"
#include "telemetry/otlp_post.h"

namespace bulkhead::telemetry {
namespace {

using std::chrono::milliseconds;

// "Retryable Response Codes" of the specification of OTLP/HTTP.
bool IsRetryable(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

OtlpExporter::OtlpExporter(OtlpOptions options, std::function<void(std::string_view)> log)
    : options_(std::move(options)), log_(std::move(log)) {
  waiting_.reserve(options_.waiting_max);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

OtlpExporter::~OtlpExporter() = default;

void OtlpExporter::Add(std::vector<Span> spans) {
  {
    const std::lock_guard lock(mutex_);
    const std::size_t room = std::min(spans.size(), options_.waiting_max - waiting_.size());
    counts_.dropped += spans.size() - room;
    std::move(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(room),
              std::back_inserter(waiting_));
  }
  came_.notify_one();
}

OtlpCounts OtlpExporter::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void OtlpExporter::Count(uint64_t exported, uint64_t failed) {
  const std::lock_guard lock(mutex_);
  counts_.exported += exported;
  counts_.failed += failed;
}

void OtlpExporter::Say(std::string_view failure) {
  if (failing_ == !failure.empty()) return;
  failing_ = !failure.empty();
  log_(failing_ ? "traces are not taken: " + std::string(failure) : "traces are taken again");
}

void OtlpExporter::Run(const std::stop_token& stop) {
  for (;;) {
    const std::vector<Span> batch = Take(stop);
    if (batch.empty()) return;
    Deliver(batch, stop);
  }
}

// Empty: nothing waits, and nothing will.
std::vector<Span> OtlpExporter::Take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  came_.wait(lock, stop, [this] { return !waiting_.empty(); });
  came_.wait_for(lock, stop, options_.delay,
                 [this] { return waiting_.size() >= options_.batch_max; });
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.batch_max));
  std::vector<Span> batch(std::move_iterator(waiting_.begin()), std::move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void OtlpExporter::Deliver(const std::vector<Span>& batch, const std::stop_token& stop) {
  for (int attempt = 1; attempt <= options_.attempts_max && !stop.stop_requested(); ++attempt) {
    if (Try(batch, options_.timeout, stop) == Outcome::kDone) return;
    if (attempt < options_.attempts_max) Pause(attempt, stop);
  }
  if (stop.stop_requested()) return TryAtTheEnd(batch);
  Count(0, batch.size());
}

OtlpExporter::Outcome OtlpExporter::Try(const std::vector<Span>& batch, milliseconds timeout,
                                        const std::stop_token& stop) {
  asked_pause_.reset();
  const auto answer = PostJson(options_, OtlpJson(batch, options_), timeout, stop);
  if (!answer.ok()) {
    if (!stop.stop_requested()) Say(answer.error().detail);
    return Outcome::kLater;
  }
  const int status = answer.value().status;
  if (status >= 200 && status < 300) {
    const uint64_t rejected = std::min<uint64_t>(RejectedSpans(answer.value().body), batch.size());
    Count(batch.size() - rejected, rejected);
    Say("");
    return Outcome::kDone;
  }
  Say("the receiver answers " + std::to_string(status));
  asked_pause_ = answer.value().retry_after;
  if (IsRetryable(status)) return Outcome::kLater;
  Count(0, batch.size());
  return Outcome::kDone;
}

void OtlpExporter::Pause(int attempt, const std::stop_token& stop) {
  milliseconds pause = options_.retry_first;
  for (int i = 1; i < attempt && pause < options_.retry_last; ++i) pause *= 2;
  if (asked_pause_) pause = std::max(pause, *asked_pause_);
  pause = std::min(pause, options_.retry_last);
  std::unique_lock lock(mutex_);
  came_.wait_for(lock, stop, pause, [] { return false; });
}

void OtlpExporter::TryAtTheEnd(const std::vector<Span>& batch) {
  const auto now = base::MonotonicNow();
  if (!end_by_) end_by_ = now + options_.end_time;
  const auto left = std::chrono::duration_cast<milliseconds>(*end_by_ - now);
  if (left.count() > 0 && Try(batch, left, {}) == Outcome::kDone) return;
  Count(0, batch.size());
}

}  // namespace bulkhead::telemetry
