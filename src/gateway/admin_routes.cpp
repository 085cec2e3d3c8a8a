// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_routes.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/admin_audit.h"
#include "gateway/admin_models.h"
#include "gateway/admin_request.h"
#include "gateway/admin_seal.h"
#include "gateway/admin_tenants.h"
#include "gateway/admin_usage.h"
#include "gateway/admin_use.h"
#include "gateway/http_error.h"

namespace bulkhead::gateway {
namespace {

constexpr std::string_view kPrefix = "/admin/";
constexpr std::size_t kSegmentsMax = 6;

std::vector<std::string> SegmentsOf(std::string_view target) {
  std::vector<std::string> segments;
  if (!target.starts_with(kPrefix)) return segments;
  target.remove_prefix(kPrefix.size());
  for (;;) {
    const std::size_t slash = target.find('/');
    segments.emplace_back(target.substr(0, slash));
    if (slash == std::string_view::npos || segments.size() > kSegmentsMax) return segments;
    target.remove_prefix(slash + 1);
  }
}

async::Task<http::Response> HandleOfTenant(const AdminParts& parts, AdminRequest request) {
  const std::size_t depth = request.segments.size();
  if (depth <= 2) co_return co_await HandleTenants(parts, std::move(request));
  const std::string& what = request.segments[2];
  if (what == "keys" && depth == 3) {
    co_return co_await HandleTenantKeys(parts, std::move(request));
  }
  if (what == "models") co_return co_await HandleModels(parts, std::move(request));
  if (what == "seal") co_return co_await HandleSeal(parts, std::move(request));
  if (what == "deployments") co_return co_await HandleDeployments(parts, std::move(request));
  co_return Problem(404, "no such request", "");
}

async::Task<http::Response> Dispatch(const AdminParts& parts, AdminRequest request) {
  const std::size_t depth = request.segments.size();
  if (depth == 0 || depth > kSegmentsMax) co_return Problem(404, "no such request", "");
  const std::string first = request.segments.front();
  if (first == "tenants") co_return co_await HandleOfTenant(parts, std::move(request));
  if (first == "keys") co_return co_await HandleKey(parts, std::move(request));
  if (first == "usage" && depth == 1) {
    co_return co_await HandleUsage(parts, std::move(request));
  }
  if (first == "use" && depth == 1) co_return co_await HandleUse(parts, std::move(request));
  if (first == "ledger") co_return co_await HandleExport(parts, std::move(request));
  if (first == "workers" && depth == 1) co_return ListWorkers(parts);
  if (first == "health" && depth == 1) {
    co_return AdminJson(200, {{"ready", parts.ready()}});
  }
  co_return Problem(404, "no such request", "");
}

async::Task<http::Response> HandleAdmin(std::shared_ptr<const AdminParts> parts,
                                        http::Request& http) {
  ActionOutcome outcome;
  AdminRequest request{http, SegmentsOf(http.target), outcome};
  if (http.method == "GET") co_return co_await Dispatch(*parts, std::move(request));
  std::vector<audit::Event> events = ActionsOf(request, parts->accounts.directory());
  const base::Status recorded = co_await parts->audit.Begin(events);
  if (!recorded.ok()) co_return AdminError(recorded.error());
  http::Response response = co_await Dispatch(*parts, std::move(request));
  co_await parts->audit.End(std::move(events), response.status, std::move(outcome));
  co_return response;
}

}  // namespace

http::Handlers AdminHandlers(AdminParts parts) {
  const auto shared = std::make_shared<const AdminParts>(std::move(parts));
  http::Handlers handlers;
  handlers.handle = [shared](http::Request& request, const http::RequestScope&) {
    return HandleAdmin(shared, request);
  };
  return handlers;
}

}  // namespace bulkhead::gateway
