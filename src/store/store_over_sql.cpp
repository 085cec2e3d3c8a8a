// SPDX-License-Identifier: Apache-2.0
#include "store/store_over_sql.h"

#include <mutex>
#include <utility>

#include "base/checked_math.h"
#include "store/record_changes.h"
#include "store/record_rows.h"
#include "store/schema.h"
#include "store/usage_totals.h"
#include "store/use_hours.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;
using base::Result;
using base::Status;

base::Error Moved(uint64_t expected) {
  return OperatorError(Code::kConflict, "the revision is no longer " + std::to_string(expected));
}

template <typename T>
Status ReadTable(SqlDatabase& database, std::string_view sql, std::vector<T>& records) {
  BH_ASSIGN(const auto rows, database.Run(sql, {}));
  records.assign(rows.size(), T{});
  for (std::size_t i = 0; i < rows.size(); ++i) BH_TRY(ReadRow(rows[i], records[i]));
  return base::Ok();
}

Result<uint64_t> ReadRevision(SqlDatabase& database) {
  BH_ASSIGN(const auto rows, database.Run("SELECT revision FROM store_state", {}));
  uint64_t revision = 0;
  if (rows.size() != 1) return OperatorError(Code::kCorrupt, "the store has no revision");
  BH_TRY(ReadRow(rows.front(), revision));
  return revision;
}

Status ReadAll(SqlDatabase& database, Snapshot& snapshot) {
  BH_ASSIGN(snapshot.revision, ReadRevision(database));
  BH_TRY(ReadTable(database,
                   "SELECT id, name, suspended, frames_per_second, bytes_per_second, "
                   "frames_per_month, requests_in_flight, deployments, burst_seconds, tiers, "
                   "created_unix_ms FROM tenants ORDER BY id",
                   snapshot.tenants));
  BH_TRY(ReadTable(database,
                   "SELECT id, tenant, label, secret_hmac, scopes, created_unix_ms, "
                   "expires_unix_ms, last_used_unix_ms FROM keys ORDER BY id",
                   snapshot.keys));
  BH_TRY(ReadTable(database,
                   "SELECT tenant, model, version, sha256, bytes, created_unix_ms FROM models "
                   "ORDER BY tenant, model, version",
                   snapshot.models));
  BH_TRY(ReadTable(database,
                   "SELECT tenant, model, last_version FROM model_names ORDER BY tenant, model",
                   snapshot.last_versions));
  return ReadTable(database,
                   "SELECT id, tenant, model, version, profile, replicas, loaded, "
                   "created_unix_ms FROM deployments ORDER BY id",
                   snapshot.deployments);
}

Result<uint64_t> ChangeAll(SqlDatabase& database, uint64_t expected,
                           std::span<const Change> changes) {
  BH_ASSIGN(const uint64_t present, ReadRevision(database));
  if (present != expected) return Moved(expected);
  if (changes.empty()) return present;
  const auto next = base::CheckedAdd(present, uint64_t{1});
  if (!next) return OperatorError(Code::kExhausted, "there is no further revision");
  BH_TRY(database.Run("UPDATE store_state SET revision = $1", SqlRow{NumberOf(*next)}));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Status made = MakeChange(database, changes[i]);
    if (!made.ok()) return base::WithContext(made.error(), "change " + std::to_string(i));
  }
  return *next;
}

class StoreOverSql final : public Store, public UseHistory {
 public:
  explicit StoreOverSql(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  Result<Snapshot> Load() override {
    Snapshot snapshot;
    BH_TRY(Transact(Access::kRead, [&] { return ReadAll(*database_, snapshot); }));
    return snapshot;
  }

  Result<uint64_t> Revision() override {
    return Ask<uint64_t>(Access::kRead, [&] { return ReadRevision(*database_); });
  }

  Result<uint64_t> Apply(uint64_t expected, std::span<const Change> changes) override {
    return Ask<uint64_t>(Access::kWrite, [&] { return ChangeAll(*database_, expected, changes); });
  }

  Status TouchKeys(std::span<const KeyUse> uses) override {
    if (uses.empty()) return base::Ok();
    return Transact(Access::kWrite, [&]() -> Status {
      for (const KeyUse& use : uses) {
        const SqlRow parameters{use.key.text, use.last_used_unix_ms};
        BH_TRY(RunChecked(*database_,
                          "UPDATE keys SET last_used_unix_ms = $2 WHERE id = $1 "
                          "AND (last_used_unix_ms IS NULL OR last_used_unix_ms < $2)",
                          parameters));
      }
      return base::Ok();
    });
  }

  Result<uint64_t> UsageCursor(const std::string& ledger_id) override {
    return Ask<uint64_t>(Access::kRead, [&] { return ReadCursor(*database_, ledger_id); });
  }

  Status AddUsage(const std::string& ledger_id, uint64_t from, uint64_t to,
                  std::span<const UsageRow> rows) override {
    if (to <= from) return OperatorError(Code::kInvalid, "a cursor only moves on");
    return Transact(Access::kWrite,
                    [&] { return AddTotals(*database_, ledger_id, from, to, rows); });
  }

  Result<std::vector<UsageRow>> Usage(const UsageQuery& query) override {
    return Ask<std::vector<UsageRow>>(Access::kRead, [&] { return ReadTotals(*database_, query); });
  }

  UseHistory& use_history() override { return *this; }

  Status PutUse(std::span<const UseRow> rows, int64_t forget_before_unix_ms) override {
    return Transact(Access::kWrite,
                    [&] { return PutHours(*database_, rows, forget_before_unix_ms); });
  }

  Result<std::vector<UseRow>> Use(const UseQuery& query) override {
    return Ask<std::vector<UseRow>>(Access::kRead, [&] { return ReadHours(*database_, query); });
  }

 private:
  Status Transact(Access access, const std::function<Status()>& work) {
    const std::scoped_lock lock(mutex_);
    return database_->Transact(access, work);
  }

  template <typename T>
  Result<T> Ask(Access access, const std::function<Result<T>()>& question) {
    T answer{};
    BH_TRY(Transact(access, [&]() -> Status {
      BH_ASSIGN(answer, question());
      return base::Ok();
    }));
    return answer;
  }

  std::mutex mutex_;
  std::unique_ptr<SqlDatabase> database_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenStoreOverSql(std::unique_ptr<SqlDatabase> database,
                                                std::span<const std::string_view> scripts) {
  BH_TRY(Migrate(*database, scripts));
  return std::unique_ptr<Store>(std::make_unique<StoreOverSql>(std::move(database)));
}

}  // namespace bulkhead::store
