// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_json.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "tenant/scopes.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;

template <typename Value>
json OrNull(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

base::Error Bad(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

template <typename Number>
base::Status SetLimit(const json& document, const char* name, std::optional<Number>& limit) {
  const auto found = document.find(name);
  if (found == document.end()) return base::Ok();
  if (found->is_null()) {
    limit.reset();
    return base::Ok();
  }
  const bool fits =
      found->is_number_unsigned() && found->get<uint64_t>() <= std::numeric_limits<Number>::max();
  if (!fits) return Bad(std::string(name) + " must be a whole number or null");
  limit = found->get<Number>();
  return base::Ok();
}

}  // namespace

json TenantJson(const tenant::Tenant& tenant) {
  json tiers = json::array();
  for (const device::Tier tier : tenant.policy.tiers) tiers.push_back(device::TierName(tier));
  const tenant::Quota& quota = tenant.quota;
  return {{"id", tenant.id.text},
          {"name", tenant.name},
          {"suspended", tenant.suspended},
          {"quota",
           {{"frames_per_second", OrNull(quota.frames_per_second)},
            {"bytes_per_second", OrNull(quota.bytes_per_second)},
            {"frames_per_month", OrNull(quota.frames_per_month)},
            {"requests_in_flight", OrNull(quota.requests_in_flight)},
            {"deployments", OrNull(quota.deployments)},
            {"burst_seconds", quota.burst_seconds}}},
          {"policy", {{"tiers", std::move(tiers)}}},
          {"created_unix_ms", tenant.created_unix_ms}};
}

json KeyJson(const tenant::Key& key) {
  return {{"id", key.id.text},
          {"label", key.label},
          {"scopes", tenant::FormatScopes(key.scopes)},
          {"created_unix_ms", key.created_unix_ms},
          {"expires_unix_ms", OrNull(key.expires_unix_ms)},
          {"last_used_unix_ms", OrNull(key.last_used_unix_ms)}};
}

json ModelVersionJson(const tenant::ModelVersion& version) {
  return {{"model", version.model.text},
          {"version", version.version},
          {"sha256", base::Hex(version.sha256)},
          {"bytes", version.bytes},
          {"created_unix_ms", version.created_unix_ms}};
}

json DeploymentJson(const tenant::Deployment& deployment, std::string_view tenant_name,
                    const fleet::DeploymentState* state) {
  json document{{"id", deployment.id.text},       {"tenant", tenant_name},
                {"model", deployment.model.text}, {"version", deployment.version},
                {"profile", deployment.profile},  {"replicas", deployment.replicas},
                {"loaded", deployment.loaded},    {"created_unix_ms", deployment.created_unix_ms}};
  document["phase"] =
      fleet::DeploymentPhaseName(state ? state->phase : fleet::DeploymentPhase::kStarting);
  document["serving_version"] = state ? OrNull(state->serving_version) : json(nullptr);
  document["replicas_ready"] = state ? state->replicas_ready : 0;
  // The operator reads why, in full.
  document["reason"] = state && state->reason ? json(state->reason->detail) : json(nullptr);
  return document;
}

json WorkerJson(const fleet::WorkerState& worker, std::string_view tenant_name,
                const Statistics::Percentiles& percentiles) {
  json layers = json::array();
  for (const isolation::Layer layer : worker.layers.List()) {
    layers.push_back(isolation::LayerName(layer));
  }
  return {{"tenant", tenant_name},
          {"model", worker.model.text},
          {"version", worker.version},
          {"worker", worker.name},
          {"profile", worker.profile},
          {"partition", worker.partition},
          {"device", worker.device},
          {"start", OrNull(worker.start)},
          {"cores", worker.cores},
          {"simulated", worker.simulated},
          {"tier", worker.tier ? json(device::TierName(*worker.tier)) : json(nullptr)},
          {"layers", std::move(layers)},
          {"phase", fleet::WorkerPhaseName(worker.phase)},
          {"starts", worker.starts},
          {"outstanding", worker.outstanding},
          {"frames", percentiles.frames},
          {"p50_ms", percentiles.p50_seconds * 1e3},
          {"p99_ms", percentiles.p99_seconds * 1e3}};
}

json UsageJson(const store::UsageRow& row, std::string_view tenant_name) {
  return {
      {"tenant", tenant_name},  {"tenant_id", row.tenant.text},     {"model", row.model.text},
      {"version", row.version}, {"hour_unix_ms", row.hour_unix_ms}, {"outcome", row.outcome},
      {"frames", row.frames},   {"bytes_in", row.bytes_in},         {"compute_us", row.compute_us}};
}

base::Result<json> ParseObject(std::string_view text,
                               std::initializer_list<std::string_view> known) {
  json document = json::parse(text, nullptr, false);
  if (document.is_discarded() || !document.is_object())
    return Bad("the body must be a JSON object");
  for (const auto& [name, value] : document.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      return Bad("the body has a member that is not known: " + name);
    }
  }
  return document;
}

base::Status UpdateQuota(const json& document, tenant::Quota& quota) {
  if (!document.is_object()) return Bad("quota must be an object");
  constexpr std::string_view kKnown[] = {"frames_per_second", "bytes_per_second",
                                         "frames_per_month",  "requests_in_flight",
                                         "deployments",       "burst_seconds"};
  for (const auto& [name, value] : document.items()) {
    if (std::ranges::find(kKnown, name) == std::end(kKnown)) {
      return Bad("quota has a member that is not known: " + name);
    }
  }
  BH_TRY(SetLimit(document, "frames_per_second", quota.frames_per_second));
  BH_TRY(SetLimit(document, "bytes_per_second", quota.bytes_per_second));
  BH_TRY(SetLimit(document, "frames_per_month", quota.frames_per_month));
  BH_TRY(SetLimit(document, "requests_in_flight", quota.requests_in_flight));
  BH_TRY(SetLimit(document, "deployments", quota.deployments));
  std::optional<uint32_t> burst = quota.burst_seconds;
  BH_TRY(SetLimit(document, "burst_seconds", burst));
  quota.burst_seconds = burst.value_or(1);
  return base::Ok();
}

base::Status UpdatePolicy(const json& document, tenant::Policy& policy) {
  const auto tiers = document.is_object() ? document.find("tiers") : document.end();
  if (!document.is_object() || document.size() != 1 || tiers == document.end() ||
      !tiers->is_array()) {
    return Bad("policy must be {\"tiers\": [...]}");
  }
  std::vector<device::Tier> allowed;
  for (const json& name : *tiers) {
    const auto tier =
        name.is_string() ? device::ParseTier(name.get_ref<const std::string&>()) : std::nullopt;
    if (!tier) return Bad("tiers are hard, dedicated, cpu and soft");
    allowed.push_back(*tier);
  }
  policy.tiers = std::move(allowed);
  return base::Ok();
}

}  // namespace bulkhead::gateway
