// SPDX-License-Identifier: Apache-2.0
#include "store/usage_totals.h"

#include <algorithm>
#include <utility>

#include "base/checked_math.h"
#include "store/record_rows.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;

// In C++ and not in SQL: SQLite makes a floating point number of a sum that does not fit.
base::Status AddTo(UsageRow& total, const UsageRow& more) {
  const std::pair<uint64_t*, uint64_t> sums[] = {{&total.frames, more.frames},
                                                 {&total.bytes_in, more.bytes_in},
                                                 {&total.compute_us, more.compute_us}};
  for (const auto& [sum, term] : sums) {
    const auto added = base::CheckedAdd(*sum, term);
    if (!added) return OperatorError(Code::kExhausted, "a total does not fit in 64 bits");
    *sum = *added;
  }
  return base::Ok();
}

base::Status AddRow(SqlDatabase& database, const UsageRow& row) {
  const SqlRow identity{row.tenant.text, row.model.text, int64_t{row.version}, row.hour_unix_ms,
                        row.outcome};
  BH_ASSIGN(const auto present,
            RunChecked(database,
                       "SELECT tenant, model, version, hour_unix_ms, outcome, frames, bytes_in, "
                       "compute_us FROM usage_totals WHERE tenant = $1 AND model = $2 "
                       "AND version = $3 AND hour_unix_ms = $4 AND outcome = $5",
                       identity));
  UsageRow total = row;
  if (!present.empty()) {
    BH_TRY(ReadRow(present.front(), total));
    BH_TRY(AddTo(total, row));
  }
  BH_TRY(RunChecked(database,
                    "INSERT INTO usage_totals (tenant, model, version, hour_unix_ms, outcome, "
                    "frames, bytes_in, compute_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                    "ON CONFLICT (tenant, model, version, hour_unix_ms, outcome) DO UPDATE SET "
                    "frames = excluded.frames, bytes_in = excluded.bytes_in, "
                    "compute_us = excluded.compute_us",
                    RowOf(total)));
  return base::Ok();
}

}  // namespace

base::Result<uint64_t> ReadCursor(SqlDatabase& database, const std::string& ledger_id) {
  const SqlRow identity{ledger_id};
  BH_ASSIGN(
      const auto rows,
      RunChecked(database, "SELECT position FROM usage_cursors WHERE ledger_id = $1", identity));
  uint64_t position = 0;
  if (!rows.empty()) BH_TRY(ReadRow(rows.front(), position));
  return position;
}

base::Status AddTotals(SqlDatabase& database, const std::string& ledger_id, uint64_t from,
                       uint64_t to, std::span<const UsageRow> rows) {
  BH_ASSIGN(const uint64_t position, ReadCursor(database, ledger_id));
  if (position != from) {
    return OperatorError(Code::kConflict, "the cursor is at " + std::to_string(position) +
                                              ", not at " + std::to_string(from));
  }
  const SqlRow cursor{ledger_id, NumberOf(to)};
  BH_TRY(RunChecked(database,
                    "INSERT INTO usage_cursors (ledger_id, position) VALUES ($1, $2) "
                    "ON CONFLICT (ledger_id) DO UPDATE SET position = excluded.position",
                    cursor));
  for (const UsageRow& row : rows) BH_TRY(AddRow(database, row));
  return base::Ok();
}

base::Result<std::vector<UsageRow>> ReadTotals(SqlDatabase& database, const UsageQuery& query) {
  std::string sql =
      "SELECT tenant, model, version, hour_unix_ms, outcome, frames, bytes_in, compute_us "
      "FROM usage_totals WHERE hour_unix_ms >= $1 AND hour_unix_ms < $2";
  SqlRow parameters{query.from_unix_ms, query.to_unix_ms};
  if (query.tenant) {
    sql += " AND tenant = $3";
    parameters.emplace_back(query.tenant->text);
  }
  sql += " ORDER BY tenant, model, version, hour_unix_ms, outcome";
  BH_ASSIGN(const auto found, RunChecked(database, sql, parameters));
  std::vector<UsageRow> rows(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) BH_TRY(ReadRow(found[i], rows[i]));
  return rows;
}

}  // namespace bulkhead::store
