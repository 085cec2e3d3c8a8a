// SPDX-License-Identifier: Apache-2.0
#include "tenant/admission.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/checked_math.h"

namespace bulkhead::tenant {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMillisecondNs = 1'000'000;

// A clock that was put back makes a month as long as it went back.
int64_t NanosecondsLeft(const Month& month, int64_t now_unix_ms) {
  return base::CheckedMul(month.end_unix_ms - now_unix_ms, kMillisecondNs)
      .value_or(RateLimit::kNever);
}

void SetLimit(std::optional<uint64_t> per_second, uint32_t burst_seconds, int64_t now_ns,
              std::optional<RateLimit>& limit) {
  if (!per_second) {
    limit.reset();
    return;
  }
  const Rate rate{.per_second = *per_second, .burst_seconds = burst_seconds};
  if (limit) {
    limit->SetRate(now_ns, rate);
  } else {
    limit.emplace(rate);
  }
}

LimitState StateOf(Limit limit, const RateLimit& bucket, int64_t now_ns) {
  return {.limit = limit,
          .quota = bucket.capacity(),
          .remaining = bucket.Remaining(now_ns),
          .window_s = bucket.rate().burst_seconds,
          .reset_s = SecondsUp(bucket.FullIn(now_ns))};
}

}  // namespace

Admission::Admission(const Quota& quota, int64_t now_ns) { SetQuota(quota, now_ns); }

void Admission::SetQuota(const Quota& quota, int64_t now_ns) {
  SetLimit(quota.frames_per_second, quota.burst_seconds, now_ns, frames_);
  SetLimit(quota.bytes_per_second, quota.burst_seconds, now_ns, bytes_);
  in_flight_max_ = quota.requests_in_flight;
  month_.SetLimit(quota.frames_per_month);
}

std::optional<Refusal> Admission::Check(const Now& now, const Demand& demand) const {
  std::optional<Refusal> refusal;
  const auto refuse = [&](Limit limit, uint64_t quota, int64_t wait_ns) {
    if (refusal && refusal->wait_ns >= wait_ns) return;
    refusal = Refusal{.limit = limit, .quota = quota, .wait_ns = wait_ns};
  };
  const auto check_rate = [&](Limit limit, const std::optional<RateLimit>& bucket,
                              uint64_t amount) {
    const int64_t wait = bucket ? bucket->Wait(now.monotonic_ns, amount) : 0;
    if (wait > 0) refuse(limit, bucket->rate().per_second, wait);
  };
  check_rate(Limit::kFramesPerSecond, frames_, demand.frames);
  check_rate(Limit::kBytesPerSecond, bytes_, demand.bytes);
  if (in_flight_max_ && in_flight_ >= *in_flight_max_) {
    refuse(Limit::kRequestsInFlight, *in_flight_max_,
           *in_flight_max_ == 0 ? RateLimit::kNever : kSecondNs);
  }
  if (!month_.Fits(now.unix_ms, demand.frames)) {
    const bool never = demand.frames > *month_.limit();
    const int64_t wait = NanosecondsLeft(month_.MonthAt(now.unix_ms), now.unix_ms);
    refuse(Limit::kFramesPerMonth, *month_.limit(), never ? RateLimit::kNever : wait);
  }
  return refusal;
}

std::vector<LimitState> Admission::Limits(const Now& now,
                                          const std::optional<Refusal>& refusal) const {
  std::vector<LimitState> limits;
  if (frames_) limits.push_back(StateOf(Limit::kFramesPerSecond, *frames_, now.monotonic_ns));
  if (bytes_) limits.push_back(StateOf(Limit::kBytesPerSecond, *bytes_, now.monotonic_ns));
  if (in_flight_max_) {
    limits.push_back({.limit = Limit::kRequestsInFlight,
                      .quota = *in_flight_max_,
                      .remaining = *in_flight_max_ - std::min(*in_flight_max_, in_flight_)});
  }
  if (month_.limit()) {
    const Month month = month_.MonthAt(now.unix_ms);
    limits.push_back(
        {.limit = Limit::kFramesPerMonth,
         .quota = *month_.limit(),
         .remaining = month_.RemainingIn(now.unix_ms),
         .window_s = static_cast<uint64_t>((month.end_unix_ms - month.begin_unix_ms) / 1000),
         .reset_s = SecondsUp(NanosecondsLeft(month, now.unix_ms))});
  }
  for (LimitState& state : limits) {
    if (!refusal || state.limit != refusal->limit) continue;
    state.reset_s = refusal->wait_ns == RateLimit::kNever
                        ? std::nullopt
                        : std::optional(SecondsUp(refusal->wait_ns));
  }
  return limits;
}

AdmitResult Admit(const std::shared_ptr<Admission>& admission, const Now& now,
                  const Demand& demand) {
  if (const auto refusal = admission->Check(now, demand)) return *refusal;
  const auto take = [&](std::optional<RateLimit>& bucket, uint64_t amount) {
    if (bucket) BH_CHECK(bucket->Take(now.monotonic_ns, amount) == 0);
  };
  take(admission->frames_, demand.frames);
  take(admission->bytes_, demand.bytes);
  BH_CHECK(admission->month_.Reserve(now.unix_ms, demand.frames));
  ++admission->in_flight_;
  return Ticket(admission, demand.frames);
}

Ticket::Ticket(std::shared_ptr<Admission> admission, uint32_t frames)
    : admission_(std::move(admission)), frames_(frames) {}

Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::move(other.admission_)), frames_(std::exchange(other.frames_, 0)) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  std::swap(admission_, other.admission_);
  std::swap(frames_, other.frames_);
  return *this;
}

Ticket::~Ticket() {
  if (!admission_) return;
  admission_->month_.GiveBack(frames_);
  --admission_->in_flight_;
}

void Ticket::Commit(int64_t record_unix_ms, uint32_t frames) {
  BH_CHECK(frames <= frames_);
  admission_->month_.Commit(record_unix_ms, frames);
  frames_ -= frames;
}

}  // namespace bulkhead::tenant
