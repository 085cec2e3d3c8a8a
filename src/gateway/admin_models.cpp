// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_models.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/unix_clock.h"
#include "gateway/admin_json.h"
#include "gateway/http_error.h"
#include "http/query.h"
#include "meter/export_json.h"
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
  co_return AdminJson(201, ModelVersionJson(version));
}

// Files that no version names any more.
async::Task<void> RemoveFiles(const AdminParts& parts, std::vector<tenant::ModelVersion> removed) {
  std::vector<tenant::ModelVersion> unused;
  for (const tenant::ModelVersion& version : removed) {
    const auto rest = parts.accounts.directory().ModelsOf(version.tenant);
    const bool used = std::ranges::any_of(
        rest, [&](const auto& other) { return other.sha256 == version.sha256; });
    if (!used) unused.push_back(version);
  }
  std::function<bool()> remove = [&files = parts.model_files, unused = std::move(unused)] {
    // One that cannot be removed is an orphan, which costs room and nothing else.
    for (const auto& version : unused) (void)files.Remove(version.tenant, version.sha256);
    return true;
  };
  co_await parts.blocking.Run<bool>(std::move(remove));
}

using Begun = base::Result<std::optional<meter::ExportBatch>>;

async::Task<http::Response> BeginExport(const AdminParts& parts, AdminRequest request) {
  const auto body = ParseObject(TextOf(request.http), {"format", "replay_old"});
  if (!body.ok()) co_return AdminError(body.error());
  const json name = body.value().value("format", json("cloudevents"));
  const auto format =
      name.is_string() ? meter::ParseExportFormat(name.get<std::string>()) : std::nullopt;
  if (!format) {
    co_return AdminError(
        base::PublicError(base::Code::kInvalid, "format must be cloudevents, lago or stripe"));
  }
  meter::ExportOptions options;
  options.replay_old = body.value().value("replay_old", json(false)) == json(true);
  meter::Ledger& ledger = parts.metering.ledger();
  std::function<Begun()> begin = [&ledger, &folder = parts.ledger_folder, options] {
    return meter::BeginExport(ledger, folder, base::UnixNowMs(), options);
  };
  const Begun begun = co_await parts.blocking.Run<Begun>(std::move(begin));
  if (!begun.ok()) co_return AdminError(begun.error());
  if (!begun.value()) co_return AdminJson(200, {{"export", nullptr}});
  const meter::ExportBatch& batch = *begun.value();
  co_return AdminJson(200, {{"export",
                             {{"ledger", ledger.id()},
                              {"from", batch.from},
                              {"to", batch.to},
                              {"again", batch.again},
                              {"events", batch.events.size()},
                              {"bodies", meter::RequestBodies(*format, batch.events)}}}});
}

async::Task<http::Response> EndExport(const AdminParts& parts, AdminRequest request) {
  const auto body = ParseObject(TextOf(request.http), {"from", "to"});
  if (!body.ok()) co_return AdminError(body.error());
  const json from = body.value().value("from", json());
  const json to = body.value().value("to", json());
  if (!from.is_number_unsigned() || !to.is_number_unsigned()) {
    co_return AdminError(
        base::PublicError(base::Code::kInvalid, "from and to must be those of the export"));
  }
  std::function<base::Status()> end = [&parts, first = from.get<uint64_t>(),
                                       last = to.get<uint64_t>()] {
    return meter::EndExport(parts.metering.ledger(), base::UnixNowMs(), first, last);
  };
  const base::Status ended = co_await parts.blocking.Run<base::Status>(std::move(end));
  if (!ended.ok()) co_return AdminError(ended.error());
  co_return AdminDone();
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

async::Task<http::Response> DeleteModel(const AdminParts& parts, AdminRequest request) {
  const tenant::ModelName model{request.segments[3]};
  std::optional<uint64_t> only;
  if (request.segments.size() == 6) only = ParseNumber(request.segments[5]);
  if (request.segments.size() == 6 && !only) co_return AdminError(NoSuchModelOf(model.text));
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
  co_await RemoveFiles(parts, std::move(removed));
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

async::Task<http::Response> HandleUsage(const AdminParts& parts, AdminRequest request) {
  const auto fields = http::ParseQuery(request.http.query);
  if (!fields.ok()) co_return AdminError(fields.error());
  store::UsageQuery query;
  for (const auto& [name, value] : fields.value()) {
    const auto number = ParseNumber(value);
    if (name == "tenant") {
      const auto owner = TenantNamed(parts.accounts.directory(), value);
      if (!owner.ok()) co_return AdminError(owner.error());
      query.tenant = owner.value()->id;
    } else if (number && *number <= INT64_MAX && (name == "from" || name == "to")) {
      (name == "from" ? query.from_unix_ms : query.to_unix_ms) = static_cast<int64_t>(*number);
    } else {
      co_return AdminError(base::PublicError(base::Code::kInvalid,
                                             "the query has tenant, from and to, times as "
                                             "milliseconds since 1970"));
    }
  }
  const base::Status indexed = co_await parts.index_usage();
  if (!indexed.ok()) co_return AdminError(indexed.error());
  std::function<base::Result<std::vector<store::UsageRow>>()> ask = [&store = parts.store, query] {
    return store.Usage(query);
  };
  const auto rows =
      co_await parts.blocking.Run<base::Result<std::vector<store::UsageRow>>>(std::move(ask));
  if (!rows.ok()) co_return AdminError(rows.error());
  json documents = json::array();
  for (const store::UsageRow& row : rows.value()) {
    const tenant::Tenant* owner = parts.accounts.directory().FindTenant(row.tenant);
    documents.push_back(UsageJson(row, owner == nullptr ? "deleted" : owner->name));
  }
  co_return AdminJson(200, {{"rows", std::move(documents)}});
}

async::Task<http::Response> HandleExport(const AdminParts& parts, AdminRequest request) {
  const std::size_t depth = request.segments.size();
  const bool begins = depth == 2 && request.segments[1] == "export";
  const bool ends = depth == 3 && request.segments[1] == "export" && request.segments[2] == "done";
  if ((begins || ends) && request.http.method != "POST") co_return Problem(405, "POST", "");
  if (begins) co_return co_await BeginExport(parts, std::move(request));
  if (ends) co_return co_await EndExport(parts, std::move(request));
  co_return Problem(404, "no such request of the ledger", "");
}

}  // namespace bulkhead::gateway
