// SPDX-License-Identifier: Apache-2.0
// Frames of a calendar month, exact to the frame: a request reserves what it may use before it
// runs, and what is not metered goes back.
#pragma once

#include <cstdint>
#include <optional>

#include "tenant/calendar.h"

namespace bulkhead::tenant {

// Every call says what time it is. A new month begins at 0 with the reservations that are out; the
// month never goes back. One thread at a time.
class MonthQuota {
 public:
  // nullopt: no limit; frames are counted all the same.
  void SetLimit(std::optional<uint64_t> frames) { limit_ = frames; }

  // What the ledger's totals say of the month of `now_unix_ms`, once after a start.
  void SetUsed(int64_t now_unix_ms, uint64_t frames);

  // All or none: whether used, reserved and these stay within the limit.
  [[nodiscard]] bool Fits(int64_t now_unix_ms, uint64_t frames) const;
  [[nodiscard]] bool Reserve(int64_t now_unix_ms, uint64_t frames);

  // Reserved frames that were metered at `record_unix_ms`, the time in their record: in an earlier
  // month they count there, which is over.
  void Commit(int64_t record_unix_ms, uint64_t frames);

  // Reserved frames that were not metered.
  void GiveBack(uint64_t frames);

  // Metered frames that a later record of this time took back.
  void TakeBack(int64_t record_unix_ms, uint64_t frames);

  [[nodiscard]] std::optional<uint64_t> limit() const { return limit_; }
  [[nodiscard]] uint64_t UsedIn(int64_t now_unix_ms) const;
  [[nodiscard]] uint64_t RemainingIn(int64_t now_unix_ms) const;  // without a limit UINT64_MAX
  [[nodiscard]] Month MonthAt(int64_t now_unix_ms) const;

 private:
  void Enter(int64_t now_unix_ms);

  std::optional<uint64_t> limit_;
  std::optional<Month> month_;
  uint64_t used_ = 0;
  uint64_t reserved_ = 0;
};

}  // namespace bulkhead::tenant
