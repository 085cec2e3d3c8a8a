// SPDX-License-Identifier: Apache-2.0
// Gives a ledger's hours to a receiver of usage events, each hour's totals once.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
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

struct ExportResult {
  uint64_t events = 0;
  uint64_t from = 0;  // the records that were given, by position
  uint64_t to = 0;
  bool again = false;  // an interrupted export was repeated; there may be more to give
};

// Must return Ok only when the receiver has all the events. May be called again with the same ones.
using ExportSink = std::function<base::Status(std::span<const UsageEvent>)>;

// Gives what hours that are over hold and was not given yet. Marks in the ledger what it begins and
// what is done: after a crash or a failed sink the next call gives the same events under the same
// ids. Blocks on the disk and on the sink; one call at a time for a ledger, not on its thread.
//
// The sink's error; kConflict: an interrupted export is older than `replay_window`, so the receiver
// may count it twice; and the errors of Ledger::Append, ReadEntries and AddRecord.
base::Result<ExportResult> ExportUsage(Ledger& ledger, const std::filesystem::path& folder,
                                       int64_t now_unix_ms, const ExportSink& sink,
                                       const ExportOptions& options = {});

}  // namespace bulkhead::meter
