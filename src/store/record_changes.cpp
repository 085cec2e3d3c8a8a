// SPDX-License-Identifier: Apache-2.0
#include "store/record_changes.h"

#include <string>
#include <string_view>

#include "store/record_rows.h"

namespace bulkhead::store {
namespace {

using base::Code;
using base::OperatorError;
using base::Status;

// Every statement here returns a row for what it changed. None: `otherwise`.
Status ChangeOne(SqlDatabase& database, std::string_view sql, const SqlRow& parameters,
                 const base::Error& otherwise) {
  BH_ASSIGN(const auto rows, RunChecked(database, sql, parameters));
  if (rows.empty()) return otherwise;
  return base::Ok();
}

Status PutRecord(SqlDatabase& database, const tenant::Tenant& tenant) {
  return ChangeOne(database,
                   "INSERT INTO tenants (id, name, suspended, frames_per_second, "
                   "bytes_per_second, frames_per_month, requests_in_flight, deployments, "
                   "burst_seconds, tiers, created_unix_ms) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                   "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
                   "suspended = excluded.suspended, "
                   "frames_per_second = excluded.frames_per_second, "
                   "bytes_per_second = excluded.bytes_per_second, "
                   "frames_per_month = excluded.frames_per_month, "
                   "requests_in_flight = excluded.requests_in_flight, "
                   "deployments = excluded.deployments, burst_seconds = excluded.burst_seconds, "
                   "tiers = excluded.tiers, created_unix_ms = excluded.created_unix_ms "
                   "RETURNING 1",
                   RowOf(tenant), OperatorError(Code::kInternal, "nothing was put"));
}

Status PutRecord(SqlDatabase& database, const tenant::Key& key) {
  return ChangeOne(database,
                   "INSERT INTO keys (id, tenant, label, secret_hmac, scopes, created_unix_ms, "
                   "expires_unix_ms, last_used_unix_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                   "ON CONFLICT (id) DO UPDATE SET label = excluded.label, "
                   "secret_hmac = excluded.secret_hmac, scopes = excluded.scopes, "
                   "created_unix_ms = excluded.created_unix_ms, "
                   "expires_unix_ms = excluded.expires_unix_ms, "
                   "last_used_unix_ms = CASE WHEN keys.last_used_unix_ms IS NULL "
                   "OR keys.last_used_unix_ms < excluded.last_used_unix_ms "
                   "THEN excluded.last_used_unix_ms ELSE keys.last_used_unix_ms END "
                   "WHERE keys.tenant = excluded.tenant RETURNING 1",
                   RowOf(key), OperatorError(Code::kConflict, "it is another tenant's"));
}

Status PutRecord(SqlDatabase& database, const tenant::ModelVersion& model) {
  const SqlRow name{model.tenant.text, model.model.text, int64_t{model.version}};
  BH_TRY(ChangeOne(database,
                   "INSERT INTO model_names (tenant, model, last_version) VALUES ($1, $2, $3) "
                   "ON CONFLICT (tenant, model) DO UPDATE SET last_version = excluded.last_version "
                   "WHERE model_names.last_version < excluded.last_version RETURNING 1",
                   name, OperatorError(Code::kConflict, "the version is not above the last one")));
  return ChangeOne(database,
                   "INSERT INTO models (tenant, model, version, sha256, bytes, created_unix_ms) "
                   "VALUES ($1, $2, $3, $4, $5, $6) RETURNING 1",
                   RowOf(model), OperatorError(Code::kInternal, "nothing was put"));
}

Status PutRecord(SqlDatabase& database, const tenant::Deployment& deployment) {
  return ChangeOne(database,
                   "INSERT INTO deployments (id, tenant, model, version, profile, replicas, "
                   "loaded, created_unix_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                   "ON CONFLICT (id) DO UPDATE SET version = excluded.version, "
                   "profile = excluded.profile, replicas = excluded.replicas, "
                   "loaded = excluded.loaded, created_unix_ms = excluded.created_unix_ms "
                   "WHERE deployments.tenant = excluded.tenant "
                   "AND deployments.model = excluded.model RETURNING 1",
                   RowOf(deployment),
                   OperatorError(Code::kConflict, "it is another tenant's or model's"));
}

struct ChangeMaker {
  SqlDatabase& database;

  Status operator()(const Put& put) const {
    return std::visit([this](const auto& record) { return PutRecord(database, record); }, put);
  }

  Status operator()(const RemoveTenant& removal) const {
    return Remove("DELETE FROM tenants WHERE id = $1 RETURNING 1", {removal.id.text});
  }

  Status operator()(const RemoveKey& removal) const {
    return Remove("DELETE FROM keys WHERE id = $1 RETURNING 1", {removal.id.text});
  }

  Status operator()(const RemoveModelVersion& removal) const {
    // Asked first, because the database's own word is the same as for what is not there.
    const SqlRow version{removal.tenant.text, removal.model.text, int64_t{removal.version}};
    BH_ASSIGN(const auto deployed, RunChecked(database,
                                              "SELECT 1 FROM deployments "
                                              "WHERE tenant = $1 AND model = $2 AND version = $3",
                                              version));
    if (!deployed.empty()) return OperatorError(Code::kConflict, "the version is deployed");
    return Remove(
        "DELETE FROM models WHERE tenant = $1 AND model = $2 AND version = $3 RETURNING 1",
        version);
  }

  Status operator()(const RemoveDeployment& removal) const {
    return Remove("DELETE FROM deployments WHERE id = $1 RETURNING 1", {removal.id.text});
  }

 private:
  [[nodiscard]] Status Remove(std::string_view sql, const SqlRow& identity) const {
    return ChangeOne(database, sql, identity,
                     OperatorError(Code::kNotFound, "there is nothing to remove"));
  }
};

}  // namespace

Status MakeChange(SqlDatabase& database, const Change& change) {
  return std::visit(ChangeMaker{database}, change);
}

}  // namespace bulkhead::store
