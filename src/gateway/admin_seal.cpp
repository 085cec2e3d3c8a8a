// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_seal.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/http_error.h"
#include "gateway/sealing.h"
#include "tenant/names.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;
using KeyResult = base::Result<node::KeyStatus>;

base::Result<tenant::TenantId> IdOf(const tenant::Directory& directory, const std::string& text) {
  const auto named = TenantNamed(directory, text);
  if (named.ok()) return named.value()->id;
  if (tenant::IsIdText(text)) return tenant::TenantId{text};
  return named.error();
}

// What the node is asked, besides rotating.
std::optional<node::KeyAction> ActionOf(std::string_view word) {
  if (word == "revoke") return node::KeyAction::kRevoke;
  if (word == "restore") return node::KeyAction::kRestore;
  if (word == "shred") return node::KeyAction::kDestroy;
  return std::nullopt;
}

json KeyJson(const node::KeyStatus& status, const tenant::TenantId& tenant, std::size_t models) {
  json document{{"tenant_id", tenant.text},
                {"key", status.key.provider + ":" + status.key.key},
                {"state", status.revoked ? "revoked" : (status.exists ? "active" : "none")},
                {"versions", nullptr},
                {"sealed_models", models}};
  if (status.exists) document["versions"] = {{"oldest", status.oldest}, {"newest", status.newest}};
  return document;
}

async::Task<http::Response> Ask(const AdminParts& parts, tenant::TenantId tenant,
                                std::function<KeyResult()> ask) {
  auto status = co_await parts.sealing_thread.Run<KeyResult>(std::move(ask));
  if (!status.ok()) co_return AdminError(status.error());
  const std::size_t models = parts.accounts.directory().ModelsOf(tenant).size();
  co_return AdminJson(200, KeyJson(status.value(), tenant, models));
}

async::Task<http::Response> Rotate(const AdminParts& parts, tenant::TenantId tenant) {
  // No file comes or goes meanwhile.
  const async::Turn::Held turn = co_await parts.model_turn.Take();
  const auto models = parts.accounts.directory().ModelsOf(tenant);
  std::vector<tenant::ModelVersion> versions(models.begin(), models.end());
  std::function<KeyResult()> rotate = [&sealing = parts.sealing, tenant,
                                       versions = std::move(versions)] {
    return RotateKey(sealing, tenant, versions);
  };
  co_return co_await Ask(parts, tenant, std::move(rotate));
}

// What waits to be tried again need not wait any longer.
void TryAgain(const AdminParts& parts, const tenant::TenantId& tenant) {
  for (const tenant::Deployment& deployment : parts.accounts.directory().Deployments()) {
    if (deployment.tenant == tenant) parts.fleet.TryAgain(deployment.id);
  }
}

}  // namespace

async::Task<http::Response> HandleSeal(const AdminParts& parts, AdminRequest request) {
  const std::size_t depth = request.segments.size();
  const auto tenant = IdOf(parts.accounts.directory(), request.segments[1]);
  if (!tenant.ok()) co_return AdminError(tenant.error());
  std::optional<node::KeyAction> action;
  if (depth == 3 && request.http.method == "GET") action = node::KeyAction::kDescribe;
  if (depth == 4 && request.http.method == "POST") {
    if (request.segments[3] == "rotate") co_return co_await Rotate(parts, tenant.value());
    action = ActionOf(request.segments[3]);
  }
  if (!action) co_return Problem(405, "no such request of a tenant's seal", "");
  std::function<KeyResult()> ask = [&sealing = parts.sealing, id = tenant.value(), what = *action] {
    return AskKey(sealing, what, id);
  };
  http::Response response = co_await Ask(parts, tenant.value(), std::move(ask));
  if (action == node::KeyAction::kRestore && response.status == 200) {
    TryAgain(parts, tenant.value());
  }
  co_return response;
}

}  // namespace bulkhead::gateway
