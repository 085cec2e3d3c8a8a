// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_usage.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/unix_clock.h"
#include "gateway/admin_json.h"
#include "gateway/http_error.h"
#include "http/query.h"
#include "meter/export_json.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;
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

}  // namespace

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
