// SPDX-License-Identifier: Apache-2.0
// The admin API's documents.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "fleet/deployment_state.h"
#include "gateway/statistics.h"
#include "store/store.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

nlohmann::json TenantJson(const tenant::Tenant& tenant);
// Without anything of the secret.
nlohmann::json KeyJson(const tenant::Key& key);
nlohmann::json ModelVersionJson(const tenant::ModelVersion& version);
// `state` is nullptr where the fleet does not know of it yet.
nlohmann::json DeploymentJson(const tenant::Deployment& deployment, std::string_view tenant_name,
                              const fleet::DeploymentState* state);
nlohmann::json WorkerJson(const fleet::WorkerState& worker, std::string_view tenant_name,
                          const Statistics::Percentiles& percentiles);
nlohmann::json UsageJson(const store::UsageRow& row, std::string_view tenant_name);

// A request's body: an object without members that are not in `known`. kInvalid, for the caller.
base::Result<nlohmann::json> ParseObject(std::string_view text,
                                         std::initializer_list<std::string_view> known);

// {"frames_per_second": 10, ...}: members that are there are set, null takes a limit away.
// kInvalid.
base::Status UpdateQuota(const nlohmann::json& document, tenant::Quota& quota);
// {"tiers": ["hard", ...]}. kInvalid.
base::Status UpdatePolicy(const nlohmann::json& document, tenant::Policy& policy);

}  // namespace bulkhead::gateway
