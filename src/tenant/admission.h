// SPDX-License-Identifier: Apache-2.0
// Whether a tenant's next request fits its quota, and what it holds while it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "tenant/limits.h"
#include "tenant/month_quota.h"
#include "tenant/rate_limit.h"
#include "tenant/records.h"

namespace bulkhead::tenant {

class Ticket;
using AdmitResult = std::variant<Ticket, Refusal>;

struct Now {
  int64_t monotonic_ns = 0;
  int64_t unix_ms = 0;
};

struct Demand {
  uint32_t frames = 1;
  uint64_t bytes = 0;  // of the request's body
};

// What one tenant has used of its quota. It outlives reloads of the records (directory.h), and the
// tenant itself as long as a request runs. One thread at a time, tickets included.
class Admission {
 public:
  Admission(const Quota& quota, int64_t now_ns);

  // Another quota; what was used stays used.
  void SetQuota(const Quota& quota, int64_t now_ns);

  // Metered frames of the month of `unix_ms`, from the totals, before the first request.
  void SetUsedThisMonth(int64_t unix_ms, uint64_t frames) { month_.SetUsed(unix_ms, frames); }

  // Frames whose result could not be delivered, by a record of this time (meter: kUndelivered).
  void TakeBack(int64_t record_unix_ms, uint64_t frames) {
    month_.TakeBack(record_unix_ms, frames);
  }

  // Why the request does not fit now; nullopt: it does. Takes nothing. Of several limits that it
  // breaks, the one with the longest wait; a place among those in flight is waited for a second.
  [[nodiscard]] std::optional<Refusal> Check(const Now& now, const Demand& demand) const;

  // Every limit that is set, for the RateLimit fields. The one that refused a request just now
  // comes back when the refusal said.
  [[nodiscard]] std::vector<LimitState> Limits(
      const Now& now, const std::optional<Refusal>& refusal = std::nullopt) const;

  [[nodiscard]] uint32_t in_flight() const { return in_flight_; }
  [[nodiscard]] uint64_t UsedThisMonth(int64_t unix_ms) const { return month_.UsedIn(unix_ms); }

 private:
  friend class Ticket;
  friend AdmitResult Admit(const std::shared_ptr<Admission>& admission, const Now& now,
                           const Demand& demand);

  std::optional<RateLimit> frames_;
  std::optional<RateLimit> bytes_;
  std::optional<uint32_t> in_flight_max_;
  uint32_t in_flight_ = 0;
  MonthQuota month_;
};

// What an admitted request holds: a place among those in flight and its frames of the month. When
// it goes, the place is free and the frames that were not committed are given back.
class Ticket {
 public:
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;  // swaps
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket();

  // So many of its frames are on the ledger as billed (meter: kOk), in a record of this time. Not
  // more than it holds.
  void Commit(int64_t record_unix_ms, uint32_t frames);

  [[nodiscard]] uint32_t frames_held() const { return frames_; }

 private:
  friend AdmitResult Admit(const std::shared_ptr<Admission>& admission, const Now& now,
                           const Demand& demand);
  Ticket(std::shared_ptr<Admission> admission, uint32_t frames);

  std::shared_ptr<Admission> admission_;
  uint32_t frames_ = 0;
};

// Takes all that the request needs, or nothing. What was taken of the rates is not given back.
[[nodiscard]] AdmitResult Admit(const std::shared_ptr<Admission>& admission, const Now& now,
                                const Demand& demand);

}  // namespace bulkhead::tenant
