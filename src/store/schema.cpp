// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;

base::Result<std::size_t> PresentVersion(SqlDatabase& database, std::size_t newest) {
  BH_ASSIGN(const auto rows, database.Run("SELECT version FROM bulkhead_schema", {}));
  if (rows.empty()) return std::size_t{0};
  const auto* version = std::get_if<int64_t>(&rows.front().front());
  if (rows.size() != 1 || version == nullptr || *version < 1) {
    return OperatorError(Code::kCorrupt, "the table bulkhead_schema holds no version");
  }
  if (static_cast<uint64_t>(*version) > newest) {
    return OperatorError(Code::kCorrupt,
                         "the tables have version " + std::to_string(*version) +
                             ", of a newer release of Bulkhead; this one knows versions up to " +
                             std::to_string(newest));
  }
  return static_cast<std::size_t>(*version);
}

base::Status MigrateInTransaction(SqlDatabase& database,
                                  std::span<const std::string_view> scripts) {
  BH_TRY(
      database.RunScript("CREATE TABLE IF NOT EXISTS bulkhead_schema ("
                         "one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)"));
  BH_ASSIGN(const std::size_t present, PresentVersion(database, scripts.size()));
  for (std::size_t version = present; version < scripts.size(); ++version) {
    const base::Status done = database.RunScript(scripts[version]);
    if (!done.ok()) {
      return base::WithContext(done.error(), "schema version " + std::to_string(version + 1));
    }
  }
  const SqlRow newest{static_cast<int64_t>(scripts.size())};
  BH_TRY(
      database.Run("INSERT INTO bulkhead_schema (one, version) VALUES (1, $1) "
                   "ON CONFLICT (one) DO UPDATE SET version = excluded.version",
                   newest));
  return base::Ok();
}

}  // namespace

base::Status Migrate(SqlDatabase& database, std::span<const std::string_view> scripts) {
  return database.Transact(Access::kMigrate,
                           [&] { return MigrateInTransaction(database, scripts); });
}

}  // namespace bulkhead::store
