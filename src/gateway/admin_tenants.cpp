// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_tenants.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/random_bytes.h"
#include "base/unix_clock.h"
#include "gateway/admin_json.h"
#include "gateway/http_error.h"
#include "gateway/unused_models.h"
#include "tenant/names.h"
#include "tenant/rules.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;
using Changes = base::Result<std::vector<store::Change>>;

Changes One(store::Change change) { return std::vector<store::Change>{std::move(change)}; }

base::Status Update(const json& body, tenant::Tenant& record) {
  if (body.contains("suspended")) {
    if (!body["suspended"].is_boolean()) {
      return base::PublicError(base::Code::kInvalid, "suspended must be true or false");
    }
    record.suspended = body["suspended"].get<bool>();
  }
  if (body.contains("quota")) BH_TRY(UpdateQuota(body["quota"], record.quota));
  if (body.contains("policy")) BH_TRY(UpdatePolicy(body["policy"], record.policy));
  BH_TRY(tenant::CheckQuota(record.quota));
  return tenant::CheckPolicy(record.policy);
}

base::Result<tenant::Tenant> NewTenant(std::string_view text) {
  BH_ASSIGN(const json body, ParseObject(text, {"name", "quota", "policy"}));
  if (!body.contains("name") || !body["name"].is_string()) {
    return base::PublicError(base::Code::kInvalid, "name is missing");
  }
  tenant::Tenant record;
  BH_ASSIGN(record.id.text, NewIdText());
  record.name = body["name"].get<std::string>();
  record.created_unix_ms = base::UnixNowMs();
  BH_TRY(Update(body, record));
  return record;
}

async::Task<http::Response> CreateTenant(const AdminParts& parts, AdminRequest request) {
  auto record = NewTenant(TextOf(request.http));
  if (!record.ok()) co_return AdminError(record.error());
  Control::Plan plan = [&record](const store::Snapshot&,
                                 const tenant::Directory& directory) -> Changes {
    BH_TRY(tenant::CheckNewTenant(directory, record.value()));
    return One(store::Put(record.value()));
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_return AdminJson(201, TenantJson(record.value()));
}

async::Task<http::Response> UpdateTenant(const AdminParts& parts, AdminRequest request) {
  auto body = ParseObject(TextOf(request.http), {"suspended", "quota", "policy"});
  if (!body.ok()) co_return AdminError(body.error());
  const std::string name = request.segments[1];
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    BH_ASSIGN(const tenant::Tenant* found, TenantNamed(directory, name));
    tenant::Tenant record = *found;
    BH_TRY(Update(body.value(), record));
    return One(store::Put(std::move(record)));
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_return AdminJson(200, TenantJson(*parts.accounts.directory().FindTenantByName(name)));
}

async::Task<http::Response> DeleteTenant(const AdminParts& parts, AdminRequest request) {
  const async::Turn::Held turn = co_await parts.model_turn.Take();
  std::vector<tenant::ModelVersion> removed;
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    BH_ASSIGN(const tenant::Tenant* found, TenantNamed(directory, request.segments[1]));
    const auto models = directory.ModelsOf(found->id);
    removed.assign(models.begin(), models.end());
    return One(store::RemoveTenant{found->id});
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_await RemoveModels(parts.model_files, parts.blocking, std::move(removed));
  co_return AdminDone();
}

base::Result<tenant::ApiKey> ChanceKey() {
  std::vector<std::byte> chance(tenant::kKeyRandomBytes);
  BH_TRY(base::FillRandom(chance));
  return tenant::MakeApiKey(chance);
}

json WithText(const tenant::Key& record, const tenant::ApiKey& key) {
  json document = KeyJson(record);
  // Shown once: it is kept nowhere.
  document["key"] = tenant::FormatApiKey(key);
  return document;
}

base::Status ReadKey(const json& body, tenant::Key& record) {
  const auto text = [&](const char* name, std::string fallback) {
    const auto found = body.find(name);
    return found == body.end() || !found->is_string() ? fallback : found->get<std::string>();
  };
  record.label = text("label", "");
  BH_ASSIGN(record.scopes, tenant::ParseScopes(text("scopes", "infer,read")));
  if (const auto found = body.find("expires_unix_ms"); found != body.end() && !found->is_null()) {
    if (!found->is_number_integer()) {
      return base::PublicError(base::Code::kInvalid, "expires_unix_ms must be a time");
    }
    record.expires_unix_ms = found->get<int64_t>();
  }
  return base::Ok();
}

async::Task<http::Response> CreateKey(const AdminParts& parts, AdminRequest request) {
  const auto body = ParseObject(TextOf(request.http), {"label", "scopes", "expires_unix_ms"});
  if (!body.ok()) co_return AdminError(body.error());
  const auto key = ChanceKey();
  if (!key.ok()) co_return AdminError(key.error());
  tenant::Key record;
  record.id = key.value().id;
  record.secret_hmac = tenant::HashSecret(parts.pepper, key.value().secret);
  record.created_unix_ms = base::UnixNowMs();
  const base::Status read = ReadKey(body.value(), record);
  if (!read.ok()) co_return AdminError(read.error());
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    BH_ASSIGN(const tenant::Tenant* found, TenantNamed(directory, request.segments[1]));
    record.tenant = found->id;
    BH_TRY(tenant::CheckNewKey(directory, record, record.created_unix_ms));
    return One(store::Put(record));
  };
  request.outcome.object_name = record.id.text;
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_return AdminJson(201, WithText(record, key.value()));
}

base::Error NoSuchKey() {
  return base::PublicError(base::Code::kNotFound,
                           "there is no such key; bulkhead key list names them by id");
}

async::Task<http::Response> RevokeKey(const AdminParts& parts, AdminRequest request) {
  const tenant::KeyId id{request.segments[1]};
  Control::Plan plan = [&id](const store::Snapshot&,
                             const tenant::Directory& directory) -> Changes {
    if (directory.FindKey(id) == nullptr) return NoSuchKey();
    return One(store::RemoveKey{id});
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_return AdminDone();
}

async::Task<http::Response> RotateKey(const AdminParts& parts, AdminRequest request) {
  const auto body = ParseObject(TextOf(request.http), {"overlap_seconds"});
  if (!body.ok()) co_return AdminError(body.error());
  const json overlap = body.value().value("overlap_seconds", json(86'400));
  constexpr int64_t kSecondsMax = INT64_MAX / 1000;
  if (!overlap.is_number_integer() || overlap.get<int64_t>() > kSecondsMax) {
    co_return AdminError(
        base::PublicError(base::Code::kInvalid, "overlap_seconds must be a number"));
  }
  const auto key = ChanceKey();
  if (!key.ok()) co_return AdminError(key.error());
  tenant::Key fresh;
  fresh.id = key.value().id;
  fresh.secret_hmac = tenant::HashSecret(parts.pepper, key.value().secret);
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    const tenant::Key* old = directory.FindKey({request.segments[1]});
    if (old == nullptr) return NoSuchKey();
    BH_ASSIGN(const tenant::KeyRotation rotation,
              tenant::PlanKeyRotation(directory, *old, fresh, base::UnixNowMs(),
                                      overlap.get<int64_t>() * 1000));
    fresh = rotation.fresh;
    return std::vector<store::Change>{store::Put(rotation.fresh), store::Put(rotation.old)};
  };
  request.outcome.annotations[audit::Annotation::kNewValue] = fresh.id.text;
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_return AdminJson(201, WithText(fresh, key.value()));
}

}  // namespace

async::Task<http::Response> HandleTenants(const AdminParts& parts, AdminRequest request) {
  const tenant::Directory& directory = parts.accounts.directory();
  const std::string& method = request.http.method;
  if (request.segments.size() == 1) {
    if (method == "POST") co_return co_await CreateTenant(parts, std::move(request));
    if (method != "GET") co_return Problem(405, "GET or POST", "");
    json tenants = json::array();
    for (const tenant::Tenant& record : directory.Tenants()) tenants.push_back(TenantJson(record));
    co_return AdminJson(200, {{"tenants", std::move(tenants)}});
  }
  if (method == "PATCH") co_return co_await UpdateTenant(parts, std::move(request));
  if (method == "DELETE") co_return co_await DeleteTenant(parts, std::move(request));
  if (method != "GET") co_return Problem(405, "GET, PATCH or DELETE", "");
  const auto found = TenantNamed(directory, request.segments[1]);
  if (!found.ok()) co_return AdminError(found.error());
  co_return AdminJson(200, TenantJson(*found.value()));
}

async::Task<http::Response> HandleTenantKeys(const AdminParts& parts, AdminRequest request) {
  if (request.http.method == "POST") co_return co_await CreateKey(parts, std::move(request));
  if (request.http.method != "GET") co_return Problem(405, "GET or POST", "");
  const tenant::Directory& directory = parts.accounts.directory();
  const auto found = TenantNamed(directory, request.segments[1]);
  if (!found.ok()) co_return AdminError(found.error());
  json keys = json::array();
  for (const tenant::Key& key : directory.KeysOf(found.value()->id)) keys.push_back(KeyJson(key));
  co_return AdminJson(200, {{"keys", std::move(keys)}});
}

async::Task<http::Response> HandleKey(const AdminParts& parts, AdminRequest request) {
  const bool rotate = request.segments.size() == 3 && request.segments[2] == "rotate";
  if (rotate && request.http.method == "POST") {
    co_return co_await RotateKey(parts, std::move(request));
  }
  if (request.segments.size() == 2 && request.http.method == "DELETE") {
    co_return co_await RevokeKey(parts, std::move(request));
  }
  co_return Problem(405, "DELETE /admin/keys/ID, or POST /admin/keys/ID/rotate", "");
}

}  // namespace bulkhead::gateway
