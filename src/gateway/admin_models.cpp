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
#include "gateway/sealing.h"
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

// The file of a version whose record did not come, where that is certain.
async::Task<void> DropFile(const AdminParts& parts, store::ModelFile file, base::Code why) {
  const bool unknown = why == base::Code::kUnavailable || why == base::Code::kDeadline ||
                       why == base::Code::kInternal;
  // Then the next start of this gateway sees from the records what to do.
  if (unknown) co_return;
  std::function<base::Status()> drop = [&files = parts.model_files,
                                        file = std::move(file)]() -> base::Status {
    BH_TRY(files.Remove(file));
    return files.Confirm(file);
  };
  (void)co_await parts.blocking.Run<base::Status>(std::move(drop));
}

async::Task<base::Result<tenant::ModelVersion>> Seal(const AdminParts& parts,
                                                     store::ModelFile target, SecretBody body) {
  using Stored = base::Result<tenant::ModelVersion>;
  std::function<Stored()> store = [&sealing = parts.sealing, target = std::move(target),
                                   body = std::move(body)] {
    return StoreModel(sealing, target, body);
  };
  co_return co_await parts.sealing_thread.Run<Stored>(std::move(store));
}

async::Task<base::Status> Keep(const AdminParts& parts, tenant::ModelVersion record) {
  Control::Plan plan = [&record](const store::Snapshot& snapshot,
                                 const tenant::Directory&) -> Changes {
    BH_ASSIGN(const tenant::Version next, NextVersion(snapshot, record.tenant, record.model));
    if (next != record.version) {
      return base::PublicError(base::Code::kConflict,
                               "another gateway took this version meanwhile; push again");
    }
    return std::vector<store::Change>{store::Put(record)};
  };
  base::Status kept = co_await parts.control.Change(std::move(plan));
  if (!kept.ok()) {
    store::ModelFile file = store::FileOf(record);
    co_await DropFile(parts, std::move(file), kept.error().code);
    co_return kept;
  }
  std::function<base::Status()> confirm =
      [&files = parts.model_files, file = store::FileOf(record)] { return files.Confirm(file); };
  // If it cannot be said now, the next start of this gateway sees it from the records.
  (void)co_await parts.blocking.Run<base::Status>(std::move(confirm));
  co_return base::Ok();
}

async::Task<http::Response> PushModel(const AdminParts& parts, AdminRequest request) {
  SecretBody body = TakeSecretBody(std::move(request.http.body));
  // From the number of the version to its record: nobody else takes it, and nobody removes a file
  // that seems to be nobody's.
  const async::Turn::Held turn = co_await parts.model_turn.Take();
  const auto owner = TenantNamed(parts.accounts.directory(), request.segments[1]);
  if (!owner.ok()) co_return AdminError(owner.error());
  store::ModelFile target{owner.value()->id, {request.segments[3]}, 0};
  const base::Status named = tenant::CheckModelName(target.model.text);
  if (!named.ok()) co_return AdminError(named.error());
  const auto version = NextVersion(parts.control.snapshot(), target.tenant, target.model);
  if (!version.ok()) co_return AdminError(version.error());
  target.version = version.value();
  auto stored = co_await Seal(parts, std::move(target), std::move(body));
  if (!stored.ok()) co_return AdminError(stored.error());
  tenant::ModelVersion record = std::move(stored).value();
  record.created_unix_ms = base::UnixNowMs();
  const base::Status kept = co_await Keep(parts, record);
  if (!kept.ok()) co_return AdminError(kept.error());
  request.outcome.annotations[audit::Annotation::kModelVersion] = std::to_string(record.version);
  request.outcome.annotations[audit::Annotation::kModelDigest] = base::Hex(record.sha256);
  co_return AdminJson(201, ModelVersionJson(record));
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
  co_await RemoveModels(parts.model_files, parts.blocking, std::move(removed));
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
