// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/unix_clock.h"
#include "device/profile_text.h"
#include "gateway/admin_json.h"
#include "gateway/admin_models.h"
#include "gateway/auto_profile.h"
#include "gateway/http_error.h"
#include "gateway/loading.h"
#include "tenant/rules.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;
using Changes = base::Result<std::vector<store::Change>>;

constexpr const char* kAuto = "auto";
constexpr std::chrono::seconds kWait{120};

struct DeployWish {
  std::optional<tenant::Version> version;  // none: the newest
  std::string profile = kAuto;
  uint32_t replicas = 1;
  bool wait = true;
};

base::Result<uint32_t> Number(const json& value, const char* name) {
  if (value.is_number_unsigned() && value.get<uint64_t>() <= UINT32_MAX) {
    return value.get<uint32_t>();
  }
  return base::PublicError(base::Code::kInvalid, std::string(name) + " must be a whole number");
}

base::Result<DeployWish> ReadWish(std::string_view text) {
  BH_ASSIGN(const json body, ParseObject(text, {"version", "profile", "replicas", "wait"}));
  DeployWish wish;
  if (body.contains("version")) {
    BH_ASSIGN(wish.version, Number(body["version"], "version"));
  }
  if (body.contains("replicas")) {
    BH_ASSIGN(wish.replicas, Number(body["replicas"], "replicas"));
  }
  if (body.contains("profile") && body["profile"].is_string()) {
    wish.profile = body["profile"].get<std::string>();
  }
  wish.wait = body.value("wait", json(true)) != json(false);
  if (wish.profile == kAuto) return wish;
  BH_ASSIGN(wish.profile, device::ParseProfile(wish.profile));
  return wish;
}

base::Result<tenant::Deployment> PlanDeployment(const tenant::Directory& directory,
                                                const tenant::TenantId& owner,
                                                const tenant::ModelName& model,
                                                const DeployWish& wish, const std::string& new_id,
                                                const node::NodeGpus& gpus) {
  const auto versions = directory.VersionsOf(owner, model);
  if (versions.empty()) {
    return base::PublicError(base::Code::kNotFound,
                             "the tenant has no model " + model.text + "; push it first");
  }
  const tenant::Deployment* present = directory.FindDeployment(owner, model);
  tenant::Deployment deployment;
  deployment.id.text = present != nullptr ? present->id.text : new_id;
  deployment.created_unix_ms = present != nullptr ? present->created_unix_ms : base::UnixNowMs();
  deployment.tenant = owner;
  deployment.model = model;
  deployment.version = wish.version.value_or(versions.back().version);
  deployment.profile = wish.profile;
  if (wish.profile == kAuto) {
    const auto found =
        std::ranges::find(versions, deployment.version, &tenant::ModelVersion::version);
    // CanDeploy says what is wrong with a version that is not there.
    deployment.profile =
        AutoProfile(found == versions.end() ? versions.back() : *found, gpus.models);
  }
  deployment.replicas = wish.replicas;
  // On a simulated GPU it runs on cores, and a tenant of hardware is not told otherwise.
  const device::Tier tier =
      gpus.simulated ? device::Tier::kCpu : device::TierOfProfile(deployment.profile);
  BH_TRY(tenant::CanDeploy(directory, deployment, tier));
  return deployment;
}

json StateJson(const AdminParts& parts, const tenant::TenantId& owner,
               const tenant::ModelName& model) {
  const tenant::Directory& directory = parts.accounts.directory();
  const tenant::Deployment* deployment = directory.FindDeployment(owner, model);
  const tenant::Tenant* tenant = directory.FindTenant(owner);
  if (deployment == nullptr || tenant == nullptr) return json::object();
  const auto state = parts.fleet.Find(owner, model);
  json document = DeploymentJson(*deployment, tenant->name, state ? &*state : nullptr);
  document["simulated"] = parts.fleet.gpus().simulated &&
                          device::TierOfProfile(deployment->profile) != device::Tier::kCpu;
  return document;
}

async::Task<http::Response> Deploy(const AdminParts& parts, AdminRequest request) {
  const auto wish = ReadWish(TextOf(request.http));
  if (!wish.ok()) co_return AdminError(wish.error());
  const auto new_id = NewIdText();
  if (!new_id.ok()) co_return AdminError(new_id.error());
  const tenant::ModelName model{request.segments[3]};
  tenant::Deployment deployment;
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    BH_ASSIGN(const tenant::Tenant* owner, TenantNamed(directory, request.segments[1]));
    BH_ASSIGN(deployment, PlanDeployment(directory, owner->id, model, wish.value(), new_id.value(),
                                         parts.fleet.gpus()));
    return std::vector<store::Change>{store::Put(deployment)};
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  request.outcome.annotations[audit::Annotation::kModelVersion] =
      std::to_string(deployment.version);
  request.outcome.annotations[audit::Annotation::kProfile] = deployment.profile;
  parts.fleet.TryAgain(deployment.id);
  if (wish.value().wait) {
    const base::Status settled =
        co_await WaitUntilSettled(parts.fleet, parts.io, deployment.tenant, model, kWait);
    if (!settled.ok()) co_return AdminError(settled.error());
  }
  co_return AdminJson(200, StateJson(parts, deployment.tenant, model));
}

async::Task<http::Response> Undeploy(const AdminParts& parts, AdminRequest request) {
  Control::Plan plan = [&](const store::Snapshot&, const tenant::Directory& directory) -> Changes {
    BH_ASSIGN(const tenant::Tenant* owner, TenantNamed(directory, request.segments[1]));
    const tenant::Deployment* found = directory.FindDeployment(owner->id, {request.segments[3]});
    if (found == nullptr) {
      return base::PublicError(base::Code::kNotFound, "it is not deployed");
    }
    return std::vector<store::Change>{store::RemoveDeployment{found->id}};
  };
  const base::Status changed = co_await parts.control.Change(std::move(plan));
  if (!changed.ok()) co_return AdminError(changed.error());
  co_return AdminDone();
}

}  // namespace

async::Task<http::Response> HandleDeployments(const AdminParts& parts, AdminRequest request) {
  const std::size_t depth = request.segments.size();
  const std::string& method = request.http.method;
  if (depth == 4 && method == "PUT") co_return co_await Deploy(parts, std::move(request));
  if (depth == 4 && method == "DELETE") co_return co_await Undeploy(parts, std::move(request));
  if (depth != 3 || method != "GET") co_return Problem(405, "no such request of deployments", "");
  const auto owner = TenantNamed(parts.accounts.directory(), request.segments[1]);
  if (!owner.ok()) co_return AdminError(owner.error());
  json deployments = json::array();
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(owner.value()->id)) {
    deployments.push_back(StateJson(parts, owner.value()->id, deployment.model));
  }
  co_return AdminJson(200, {{"deployments", std::move(deployments)}});
}

}  // namespace bulkhead::gateway
