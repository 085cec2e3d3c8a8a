// SPDX-License-Identifier: Apache-2.0
#include "meter/usage.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "base/checked_math.h"
#include "meter/read_entries.h"

namespace bulkhead::meter {

base::Status AddRecord(const FrameRecord& record, UsageTotals& totals) {
  UsageAmounts& amounts =
      totals[{.tenant = record.tenant,
              .model = record.model,
              .version = record.version,
              .hour_unix_ms = record.time_unix_ms - record.time_unix_ms % kHourMs,
              .outcome = record.outcome}];
  const auto frames = base::CheckedAdd<uint64_t>(amounts.frames, record.frames);
  const auto bytes_in = base::CheckedAdd(amounts.bytes_in, record.bytes_in);
  const auto compute_us = base::CheckedAdd(amounts.compute_us, record.compute_us);
  if (!frames || !bytes_in || !compute_us) {
    return base::OperatorError(base::Code::kExhausted, "an hour's total does not fit");
  }
  amounts = {.frames = *frames, .bytes_in = *bytes_in, .compute_us = *compute_us};
  return base::Ok();
}

base::Result<UsageStep> CountUsage(const std::filesystem::path& folder, uint64_t from, uint64_t to,
                                   uint64_t records_max) {
  UsageStep step;
  step.to = to > from ? from + std::min(to - from, records_max) : to;
  BH_TRY(ReadEntries(folder, from, step.to, [&step](const PlacedEntry& placed) {
    const auto* record = std::get_if<FrameRecord>(&placed.entry);
    return record == nullptr ? base::Ok() : AddRecord(*record, step.totals);
  }));
  return step;
}

}  // namespace bulkhead::meter
