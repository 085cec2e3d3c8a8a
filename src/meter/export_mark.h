// SPDX-License-Identifier: Apache-2.0
// How far a ledger was exported, as a record of the ledger itself.
#pragma once

#include <cstdint>

namespace bulkhead::meter {

enum class ExportStep : uint8_t {
  kBegun = 1,  // these records and no others are being given to a receiver
  kDone = 2,   // the receiver has them
};

// Positions count the records of all segments: [from, to) are `to - from` records.
struct ExportMark {
  ExportStep step = ExportStep::kBegun;
  int64_t hours_end_unix_ms = 0;  // hours before this one were over
  uint64_t from = 0;
  uint64_t to = 0;
  int64_t time_unix_ms = 0;
  friend bool operator==(const ExportMark&, const ExportMark&) = default;
};

}  // namespace bulkhead::meter
