// SPDX-License-Identifier: Apache-2.0
#include "store/use_hours.h"

#include <string>

#include "store/record_rows.h"

namespace bulkhead::store {

base::Status PutHours(SqlDatabase& database, std::span<const UseRow> rows,
                      int64_t forget_before_unix_ms) {
  for (const UseRow& row : rows) {
    if (row.engine_active.size() > kUseBytesMax || row.dram_active.size() > kUseBytesMax) {
      return base::OperatorError(base::Code::kInvalid, "an hour of use has too many bytes");
    }
    BH_TRY(RunChecked(
        database,
        "INSERT INTO use_hours (deployment, hour_unix_ms, profile, device, writer, gpu_model, "
        "engine_active, dram_active, memory_used_max_kib, frames, p99_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
        "ON CONFLICT (deployment, hour_unix_ms, profile, device, writer) DO UPDATE SET "
        "gpu_model = excluded.gpu_model, engine_active = excluded.engine_active, "
        "dram_active = excluded.dram_active, memory_used_max_kib = excluded.memory_used_max_kib, "
        "frames = excluded.frames, p99_us = excluded.p99_us",
        RowOf(row)));
  }
  const SqlRow before{forget_before_unix_ms};
  BH_TRY(RunChecked(database, "DELETE FROM use_hours WHERE hour_unix_ms < $1", before));
  return base::Ok();
}

base::Result<std::vector<UseRow>> ReadHours(SqlDatabase& database, const UseQuery& query) {
  std::string sql =
      "SELECT deployment, hour_unix_ms, profile, device, writer, gpu_model, engine_active, "
      "dram_active, memory_used_max_kib, frames, p99_us "
      "FROM use_hours WHERE hour_unix_ms >= $1 AND hour_unix_ms < $2";
  SqlRow parameters{query.from_unix_ms, query.to_unix_ms};
  if (query.deployment) {
    sql += " AND deployment = $3";
    parameters.emplace_back(query.deployment->text);
  }
  sql += " ORDER BY deployment, hour_unix_ms, profile, device, writer";
  BH_ASSIGN(const auto found, RunChecked(database, sql, parameters));
  std::vector<UseRow> rows(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) BH_TRY(ReadRow(found[i], rows[i]));
  return rows;
}

}  // namespace bulkhead::store
