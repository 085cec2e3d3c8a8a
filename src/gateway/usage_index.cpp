// SPDX-License-Identifier: Apache-2.0
#include "gateway/usage_index.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "meter/usage.h"

namespace bulkhead::gateway {
namespace {

std::vector<store::UsageRow> RowsOf(const meter::UsageTotals& totals) {
  std::vector<store::UsageRow> rows;
  for (const auto& [key, amounts] : totals) {
    rows.push_back({{key.tenant},
                    {key.model},
                    key.version,
                    key.hour_unix_ms,
                    std::string(meter::OutcomeName(key.outcome)),
                    amounts.frames,
                    amounts.bytes_in,
                    amounts.compute_us});
  }
  return rows;
}

}  // namespace

base::Status IndexUsage(store::Store& store, const std::filesystem::path& ledger_folder,
                        const std::string& ledger_id, uint64_t durable) {
  BH_ASSIGN(uint64_t from, store.UsageCursor(ledger_id));
  if (from > durable) {
    return base::OperatorError(
        base::Code::kCorrupt,
        fmt::format("the ledger ends after {} records, and {} were counted: segments were taken "
                    "away; put them back",
                    durable, from));
  }
  while (from < durable) {
    BH_ASSIGN(const meter::UsageStep step, meter::CountUsage(ledger_folder, from, durable));
    // Somebody who counted meanwhile has counted the same.
    BH_TRY(store.AddUsage(ledger_id, from, step.to, RowsOf(step.totals)));
    from = step.to;
  }
  return base::Ok();
}

}  // namespace bulkhead::gateway
