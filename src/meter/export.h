// SPDX-License-Identifier: Apache-2.0
// Gives a ledger's hours to a receiver of usage events, each hour's totals once.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "meter/ledger.h"
#include "meter/usage.h"

namespace bulkhead::meter {

// One hour's total, or what came to it after the hour was given: never an edit of an earlier event.
struct UsageEvent {
  // "<ledger>-<from>-<to>-<index>": the records that were added up, by position, and the event's
  // place among theirs. The same whenever the same records are given; at most 80 characters.
  std::string id;
  std::string ledger_id;
  UsageKey key;
  UsageAmounts amounts;
  // What the event adds to a bill: frames of kOk, less those of kUndelivered, none of kFailed.
  int64_t billed_frames = 0;
  friend bool operator==(const UsageEvent&, const UsageEvent&) = default;
};

// The events of the records of [from, to), by tenant, model, version, hour, outcome: an order that
// ids depend on. Errors: those of ReadEntries and AddRecord.
base::Result<std::vector<UsageEvent>> MakeEvents(const std::filesystem::path& folder,
                                                 const std::string& ledger_id, uint64_t from,
                                                 uint64_t to);

struct ExportOptions {
  // How long after an hour's end its records may still come in.
  std::chrono::milliseconds settle = std::chrono::minutes(1);
  // For how long the receiver knows ids again; OpenMeter, Stripe: 24 hours.
  std::chrono::milliseconds replay_window = std::chrono::hours(24);
  // Give an interrupted export again though it is older than that: after the receiver's totals
  // were compared.
  bool replay_old = false;
};

// What is to be given to a receiver.
struct ExportBatch {
  std::vector<UsageEvent> events;
  uint64_t from = 0;  // the records that were added up, by position
  uint64_t to = 0;
  bool again = false;  // it was begun before and not ended; there may be more to give after it
};

// Adds up what hours that are over hold and was not given yet, and marks in the ledger that it is
// being given; nullopt: nothing is to be given. Until EndExport every call gives the same events
// under the same ids, over crashes too. Blocks on the disk; one call at a time for a ledger, not on
// its thread.
//
// kConflict: an interrupted export is older than `replay_window`, so the receiver may count it
// twice; and the errors of Ledger::Append, ReadEntries and AddRecord.
base::Result<std::optional<ExportBatch>> BeginExport(Ledger& ledger,
                                                     const std::filesystem::path& folder,
                                                     int64_t now_unix_ms,
                                                     const ExportOptions& options = {});

// The receiver has all the events of this batch; calling it again changes nothing. Blocks as
// BeginExport does. kConflict: no such batch was begun last; errors of Ledger::Append.
base::Status EndExport(Ledger& ledger, int64_t now_unix_ms, uint64_t from, uint64_t to);

}  // namespace bulkhead::meter
