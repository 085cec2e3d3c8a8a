// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_models.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/hex.h"
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

base::Error NoSuchModelOf(const std::string& model) {
  return base::PublicError(base::Code::kNotFound, "the tenant has no model " + model);
}

// Above every version that there ever was.
base::Result<tenant::Version> NextVersion(const store::Snapshot& snapshot,
                                          const tenant::TenantId& tenant,
                                          const tenant::ModelName& model) {
  const auto last = std::ranges::find_if(snapshot.last_versions, [&](const auto& entry) {
    return entry.tenant == tenant && entry.model == model;
  });
  if (last == snapshot.last_versions.end()) return tenant::Version{1};
  if (last->version == UINT32_MAX) {
    return base::PublicError(base::Code::kExhausted, "the model has no further version number");
  }
  return last->version + 1;
}

base::Result<tenant::ModelVersion> StoreFile(store::ModelFiles& files,
                                             const tenant::TenantId& tenant,
                                             const std::vector<std::byte>& bytes) {
  BH_ASSIGN(store::ModelUpload upload, files.Begin(tenant, kModelBytesMax));
  BH_TRY(upload.Write(bytes));
  tenant::ModelVersion version;
  version.tenant = tenant;
  version.bytes = bytes.size();
  BH_ASSIGN(version.sha256, upload.Finish());
  return version;
}

async::Task<http::Response> PushModel(const AdminParts& parts, AdminRequest request) {
  // From the file to its record: nobody removes a file meanwhile that seems to be nobody's.
  const async::Turn::Held turn = co_await parts.model_turn.Take();
  const tenant::ModelName model{request.segments[3]};
  const auto owner = TenantNamed(parts.accounts.directory(), request.segments[1]);
  if (!owner.ok()) co_return AdminError(owner.error());
  const base::Status named = tenant::CheckModelName(model.text);
  if (!named.ok()) co_return AdminError(named.error());
  std::function<base::Result<tenant::ModelVersion>()> keep =
      [&files = parts.model_files, id = owner.value()->id, bytes = std::move(request.http.body)] {
        return StoreFile(files, id, bytes);
      };
  auto stored = co_await parts.blocking.Run<base::Result<tenant::ModelVersion>>(std::move(keep));
  if (!stored.ok()) co_return AdminError(stored.error());
  tenant::ModelVersion& version = stored.value();
  version.model = model;
  version.created_unix_ms = base::UnixNowMs();
  Control::Plan plan = [&version](const store::Snapshot& snapshot,
                                  const tenant::Directory&) -> Changes {
    BH_ASSIGN(version.version, NextVersion(snapshot, version.tenant, version.model));
    return std::vector<store::Change>{store::Put(version)};
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  request.outcome.annotations[audit::Annotation::kModelVersion] = std::to_string(version.version);
  request.outcome.annotations[audit::Annotation::kModelDigest] = base::Hex(version.sha256);
  co_return AdminJson(201, ModelVersionJson(version));
}

async::Task<http::Response> DeleteModel(const AdminParts& parts, AdminRequest request) {
  const tenant::ModelName model{request.segments[3]};
  std::optional<uint64_t> only;
  if (request.segments.size() == 6) only = ParseNumber(request.segments[5]);
  if (request.segments.size() == 6 && !only) co_return AdminError(NoSuchModelOf(model.text));
  const async::Turn::Held turn = co_await parts.model_turn.Take();
  std::vector<tenant::ModelVersion> removed;
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    BH_ASSIGN(const tenant::Tenant* owner, TenantNamed(directory, request.segments[1]));
    std::vector<store::Change> changes;
    removed.clear();
    for (const tenant::ModelVersion& version : directory.VersionsOf(owner->id, model)) {
      if (only && version.version != *only) continue;
      BH_TRY(tenant::CanRemoveVersion(directory, owner->id, model, version.version));
      changes.emplace_back(store::RemoveModelVersion{owner->id, model, version.version});
      removed.push_back(version);
    }
    if (changes.empty()) return NoSuchModelOf(model.text);
    return changes;
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_await RemoveUnusedModels(parts.accounts, parts.model_files, parts.blocking,
                              std::move(removed));
  co_return AdminDone();
}

}  // namespace

async::Task<http::Response> HandleModels(const AdminParts& parts, AdminRequest request) {
  const std::size_t depth = request.segments.size();
  const std::string& method = request.http.method;
  if (depth == 5 && method == "POST") co_return co_await PushModel(parts, std::move(request));
  if ((depth == 4 || depth == 6) && method == "DELETE") {
    co_return co_await DeleteModel(parts, std::move(request));
  }
  if (depth != 3 || method != "GET") co_return Problem(405, "no such request of models", "");
  const auto owner = TenantNamed(parts.accounts.directory(), request.segments[1]);
  if (!owner.ok()) co_return AdminError(owner.error());
  json models = json::array();
  for (const auto& version : parts.accounts.directory().ModelsOf(owner.value()->id)) {
    models.push_back(ModelVersionJson(version));
  }
  co_return AdminJson(200, {{"models", std::move(models)}});
}

http::Response ListWorkers(const AdminParts& parts) {
  json workers = json::array();
  for (const fleet::WorkerState& worker : parts.fleet.Workers()) {
    const tenant::Tenant* owner = parts.accounts.directory().FindTenant(worker.tenant);
    workers.push_back(
        WorkerJson(worker, owner == nullptr ? "removed" : owner->name,
                   parts.statistics.PercentilesOf({worker.tenant, worker.model, worker.version})));
  }
  return AdminJson(200, {{"workers", std::move(workers)}});
}

}  // namespace bulkhead::gateway
