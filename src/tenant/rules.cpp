// SPDX-License-Identifier: Apache-2.0
#include "tenant/rules.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "tenant/names.h"

namespace bulkhead::tenant {
namespace {

using base::Code;
using base::PublicError;

constexpr Scopes kAllScopes = static_cast<Scopes>(Scope::kInfer) |
                              static_cast<Scopes>(Scope::kRead) |
                              static_cast<Scopes>(Scope::kManage);

bool IsExpired(const Key& key, int64_t now_unix_ms) {
  return key.expires_unix_ms && now_unix_ms >= *key.expires_unix_ms;
}

}  // namespace

base::Status CheckQuota(const Quota& quota) {
  if (quota.burst_seconds >= 1 && quota.burst_seconds <= kBurstSecondsMax) return base::Ok();
  return PublicError(Code::kInvalid,
                     "a burst has 1 to " + std::to_string(kBurstSecondsMax) + " seconds");
}

base::Status CheckPolicy(const Policy& policy) {
  if (policy.tiers.empty()) return PublicError(Code::kInvalid, "a policy allows at least one tier");
  for (auto tier = policy.tiers.begin(); tier != policy.tiers.end(); ++tier) {
    if (std::find(policy.tiers.begin(), tier, *tier) == tier) continue;
    return PublicError(Code::kInvalid,
                       "a policy names " + std::string(device::TierName(*tier)) + " twice");
  }
  return base::Ok();
}

base::Status CheckNewTenant(const Directory& directory, const Tenant& tenant) {
  BH_TRY(CheckTenantName(tenant.name));
  BH_TRY(CheckQuota(tenant.quota));
  BH_TRY(CheckPolicy(tenant.policy));
  if (directory.FindTenantByName(tenant.name) != nullptr) {
    return PublicError(Code::kConflict, "there is a tenant named " + tenant.name + " already");
  }
  if (directory.FindTenant(tenant.id) != nullptr) {
    return PublicError(Code::kConflict, "the tenant's id is taken");
  }
  return base::Ok();
}

base::Status CheckNewKey(const Directory& directory, const Key& key, int64_t now_unix_ms) {
  BH_TRY(CheckKeyLabel(key.label));
  if (key.scopes == 0 || (key.scopes & ~kAllScopes) != 0) {
    return PublicError(Code::kInvalid, "a key has at least one of the scopes that there are");
  }
  if (IsExpired(key, now_unix_ms)) {
    return PublicError(Code::kInvalid, "the key would have expired already");
  }
  if (directory.FindTenant(key.tenant) == nullptr) {
    return PublicError(Code::kNotFound, "there is no such tenant");
  }
  if (directory.FindKey(key.id) != nullptr) {
    return PublicError(Code::kConflict, "the key's id is taken");
  }
  if (directory.KeysOf(key.tenant).size() >= kKeysPerTenantMax) {
    return PublicError(Code::kExhausted, "a tenant has at most " +
                                             std::to_string(kKeysPerTenantMax) +
                                             " keys; revoke those that are not used");
  }
  return base::Ok();
}

base::Result<KeyRotation> PlanKeyRotation(const Directory& directory, const Key& old,
                                          const Key& fresh, int64_t now_unix_ms,
                                          int64_t overlap_ms) {
  if (overlap_ms < 0 || overlap_ms > kKeyOverlapMaxMs) {
    return PublicError(Code::kInvalid, "two keys overlap for at most 90 days");
  }
  if (IsExpired(old, now_unix_ms)) {
    return PublicError(Code::kConflict, "the key has expired; create a new one");
  }
  KeyRotation rotation{.fresh = old, .old = old};
  rotation.fresh.id = fresh.id;
  rotation.fresh.secret_hmac = fresh.secret_hmac;
  rotation.fresh.created_unix_ms = now_unix_ms;
  rotation.fresh.last_used_unix_ms.reset();
  const int64_t overlap_end = now_unix_ms + overlap_ms;
  rotation.old.expires_unix_ms = std::min(old.expires_unix_ms.value_or(overlap_end), overlap_end);
  BH_TRY(CheckNewKey(directory, rotation.fresh, now_unix_ms));
  return rotation;
}

base::Result<Version> NextVersion(const Directory& directory, const TenantId& tenant,
                                  const ModelName& model) {
  const auto versions = directory.VersionsOf(tenant, model);
  const Version highest = versions.empty() ? 0 : versions.back().version;
  if (highest == std::numeric_limits<Version>::max()) {
    return PublicError(Code::kExhausted, "the model has no version number left");
  }
  return highest + 1;
}

base::Status CanDeploy(const Directory& directory, const Deployment& deployment,
                       device::Tier tier) {
  const Tenant* const tenant = directory.FindTenant(deployment.tenant);
  if (tenant == nullptr) return PublicError(Code::kNotFound, "there is no such tenant");
  if (directory.FindVersion(tenant->id, deployment.model, deployment.version) == nullptr) {
    return PublicError(Code::kNotFound,
                       "the model has no version " + std::to_string(deployment.version));
  }
  if (tenant->suspended) return PublicError(Code::kDenied, "the tenant is suspended");
  if (std::ranges::find(tenant->policy.tiers, tier) == tenant->policy.tiers.end()) {
    return PublicError(Code::kDenied, "the tenant's policy does not allow the tier " +
                                          std::string(device::TierName(tier)));
  }
  if (deployment.replicas == 0) {
    return PublicError(Code::kInvalid, "a deployment has at least one replica");
  }
  const auto others = std::ranges::count_if(
      directory.DeploymentsOf(tenant->id),
      [&](const Deployment& other) { return other.loaded && other.model != deployment.model; });
  const auto& allowed = tenant->quota.deployments;
  if (allowed && std::cmp_greater_equal(others, *allowed)) {
    return PublicError(Code::kExhausted, "the tenant's quota allows " + std::to_string(*allowed) +
                                             " deployments at once");
  }
  return base::Ok();
}

base::Status CanRemoveVersion(const Directory& directory, const TenantId& tenant,
                              const ModelName& model, Version version) {
  if (directory.FindVersion(tenant, model, version) == nullptr) {
    return PublicError(Code::kNotFound, "the model has no version " + std::to_string(version));
  }
  const Deployment* const deployment = directory.FindDeployment(tenant, model);
  if (deployment != nullptr && deployment->version == version) {
    return PublicError(Code::kConflict, "this version is deployed; undeploy it first");
  }
  return base::Ok();
}

}  // namespace bulkhead::tenant
