// SPDX-License-Identifier: Apache-2.0
// Adds a ledger's records up by the hour.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"
#include "meter/frame_record.h"

namespace bulkhead::meter {

inline constexpr int64_t kHourMs = 3'600'000;

struct UsageKey {
  std::string tenant;
  std::string model;
  uint32_t version = 0;
  int64_t hour_unix_ms = 0;  // its beginning, UTC
  Outcome outcome = Outcome::kOk;
  friend auto operator<=>(const UsageKey&, const UsageKey&) = default;
};

struct UsageAmounts {
  uint64_t frames = 0;
  uint64_t bytes_in = 0;
  uint64_t compute_us = 0;
  friend bool operator==(const UsageAmounts&, const UsageAmounts&) = default;
};

// A record belongs to the hour of its own time: what kUndelivered takes back is a row of its own,
// in the hour in which that was found. Billed is ok minus undelivered.
using UsageTotals = std::map<UsageKey, UsageAmounts>;

// kExhausted: a total does not fit.
base::Status AddRecord(const FrameRecord& record, UsageTotals& totals);

struct UsageStep {
  uint64_t to = 0;  // where the next step begins
  UsageTotals totals;
};

// Of the records from `from`, at most `records_max`, before `to` (Ledger::position(), or less). A
// caller who keeps the totals together with the step's end counts each record exactly once.
// Errors: those of ReadEntries, kExhausted.
base::Result<UsageStep> CountUsage(const std::filesystem::path& folder, uint64_t from, uint64_t to,
                                   uint64_t records_max = 1'000'000);

}  // namespace bulkhead::meter
