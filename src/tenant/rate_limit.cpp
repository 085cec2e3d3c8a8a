// SPDX-License-Identifier: Apache-2.0
#include "tenant/rate_limit.h"

#include <algorithm>

#include "base/checked_math.h"

namespace bulkhead::tenant {
namespace {

constexpr uint64_t kNanoPerUnit = 1'000'000'000;

}  // namespace

uint64_t RateLimit::capacity() const {
  return base::CheckedMul<uint64_t>(rate_.per_second, rate_.burst_seconds).value_or(UINT64_MAX);
}

RateLimit::Nano RateLimit::TakenAt(int64_t now_ns) const {
  if (taken_ == 0 || now_ns <= as_of_ns_) return taken_;
  // Unsigned, the difference of any two times fits.
  const uint64_t elapsed = static_cast<uint64_t>(now_ns) - static_cast<uint64_t>(as_of_ns_);
  const Nano returned = Nano{elapsed} * rate_.per_second;
  return taken_ - std::min(taken_, returned);
}

int64_t RateLimit::NanosecondsFor(Nano amount) const {
  if (amount == 0) return 0;
  if (rate_.per_second == 0) return kNever;
  const Nano wait = (amount + rate_.per_second - 1) / rate_.per_second;
  return static_cast<int64_t>(std::min(wait, Nano{static_cast<uint64_t>(kNever)}));
}

int64_t RateLimit::Wait(int64_t now_ns, uint64_t amount) const {
  if (amount == 0) return 0;
  if (rate_.per_second == 0) return kNever;
  const Nano full = Nano{capacity()} * kNanoPerUnit;
  const Nano wanted = TakenAt(now_ns) + std::min(Nano{amount} * kNanoPerUnit, full);
  return wanted <= full ? 0 : NanosecondsFor(wanted - full);
}

int64_t RateLimit::Take(int64_t now_ns, uint64_t amount) {
  const int64_t wait = Wait(now_ns, amount);
  if (wait == 0) {
    taken_ = TakenAt(now_ns) + Nano{amount} * kNanoPerUnit;
    as_of_ns_ = std::max(as_of_ns_, now_ns);
  }
  return wait;
}

uint64_t RateLimit::Remaining(int64_t now_ns) const {
  const Nano full = Nano{capacity()} * kNanoPerUnit;
  const Nano taken = TakenAt(now_ns);
  return taken >= full ? 0 : static_cast<uint64_t>((full - taken) / kNanoPerUnit);
}

int64_t RateLimit::FullIn(int64_t now_ns) const { return NanosecondsFor(TakenAt(now_ns)); }

void RateLimit::SetRate(int64_t now_ns, Rate rate) {
  if (rate == rate_) return;
  taken_ = TakenAt(now_ns);
  as_of_ns_ = std::max(as_of_ns_, now_ns);
  rate_ = rate;
  taken_ = std::min(taken_, Nano{capacity()} * kNanoPerUnit);
}

}  // namespace bulkhead::tenant
