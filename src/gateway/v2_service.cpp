// SPDX-License-Identifier: Apache-2.0
#include "gateway/v2_service.h"

#include <utility>

namespace bulkhead::gateway {
namespace {

base::Result<const tenant::Deployment*> DeploymentOf(const RouteParts& parts,
                                                     const NamedModel& model) {
  const tenant::Deployment* deployment =
      parts.accounts.directory().FindDeployment(model.caller.tenant, model.name.model);
  if (deployment == nullptr) return NoSuchModel();
  return deployment;
}

base::Result<const channel::Hello*> HelloOf(const RouteParts& parts, const NamedModel& model) {
  auto hello = parts.fleet.Describe(model.caller.tenant, model.name.model, model.version);
  if (!hello.ok() && hello.error().code == base::Code::kNotFound) return NoSuchModel();
  return hello;
}

tenant::Version VersionOf(const RouteParts& parts, const NamedModel& model) {
  if (model.version) return *model.version;
  const auto state = parts.fleet.Find(model.caller.tenant, model.name.model);
  return state ? state->serving_version.value_or(0) : 0;
}

openinference::ModelStatistics StatisticsOf(const RouteParts& parts, const Caller& caller,
                                            const ServedName& name, tenant::Version version) {
  openinference::ModelStatistics statistics =
      parts.statistics.Of({caller.tenant, name.model, version});
  statistics.name = ServedText(name);
  return statistics;
}

// Triton's words for the state of what was asked for last.
openinference::RepositoryEntry EntryOf(const RouteParts& parts, const Caller& caller,
                                       const tenant::Deployment& deployment) {
  openinference::RepositoryEntry entry;
  entry.name = deployment.model.text;
  entry.version = std::to_string(deployment.version);
  const auto state = parts.fleet.Find(caller.tenant, deployment.model);
  if (!state || state->phase == fleet::DeploymentPhase::kUnloaded) {
    entry.state = state && state->serving_version ? "UNLOADING" : "UNAVAILABLE";
    entry.reason = "unloaded";
  } else if (state->phase == fleet::DeploymentPhase::kReady) {
    entry.state = "READY";
  } else if (state->phase == fleet::DeploymentPhase::kStarting) {
    entry.state = "LOADING";
  } else {
    entry.state = "UNAVAILABLE";
    entry.reason = state->reason ? state->reason->public_message : "";
  }
  return entry;
}

}  // namespace

openinference::ServerMetadata DescribeServer(const RouteParts& parts) {
  return {"bulkhead",
          parts.version,
          {"binary_tensor_data", "model_configuration", "model_repository", "schedule_policy",
           "parameters", "statistics"}};
}

base::Result<openinference::ModelMetadata> DescribeModel(const RouteParts& parts,
                                                         const NamedModel& model) {
  BH_ASSIGN(const channel::Hello* hello, HelloOf(parts, model));
  return MetadataOf(model.name, VersionOf(parts, model), *hello);
}

base::Result<openinference::ModelConfig> ConfigureModel(const RouteParts& parts,
                                                        const NamedModel& model) {
  BH_ASSIGN(const channel::Hello* hello, HelloOf(parts, model));
  return ConfigOf(model.name, *hello);
}

base::Result<openinference::ModelStatistics> CountModel(const RouteParts& parts,
                                                        const NamedModel& model) {
  BH_TRY(HelloOf(parts, model));
  return StatisticsOf(parts, model.caller, model.name, VersionOf(parts, model));
}

base::Result<bool> IsModelReady(const RouteParts& parts, const NamedModel& model) {
  BH_TRY(DeploymentOf(parts, model));
  const auto hello = HelloOf(parts, model);
  if (!hello.ok() && hello.error().code == base::Code::kNotFound) return hello.error();
  return hello.ok();
}

std::vector<openinference::ModelStatistics> CountModels(const RouteParts& parts,
                                                        const Caller& caller) {
  std::vector<openinference::ModelStatistics> all;
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(caller.tenant)) {
    all.push_back(StatisticsOf(parts, caller, {deployment.model, false}, deployment.version));
  }
  return all;
}

std::vector<std::string> ListModels(const RouteParts& parts, const Caller& caller) {
  std::vector<std::string> names;
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(caller.tenant)) {
    for (const bool detect : {false, true}) names.push_back(ServedText({deployment.model, detect}));
  }
  return names;
}

std::vector<openinference::RepositoryEntry> IndexModels(const RouteParts& parts,
                                                        const Caller& caller, bool ready_only) {
  std::vector<openinference::RepositoryEntry> entries;
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(caller.tenant)) {
    openinference::RepositoryEntry entry = EntryOf(parts, caller, deployment);
    if (!ready_only || entry.state == "READY") entries.push_back(std::move(entry));
  }
  return entries;
}

async::Task<base::Status> LoadModel(const RouteParts& parts, Caller caller, ServedName name,
                                    bool load) {
  const base::Status allowed = Accounts::Require(caller, tenant::Scope::kManage);
  if (!allowed.ok()) co_return allowed;
  const auto deployment = DeploymentOf(parts, {caller, name, std::nullopt});
  if (!deployment.ok()) co_return deployment.error();
  co_return co_await parts.set_loaded(std::move(caller), std::move(name.model), load);
}

}  // namespace bulkhead::gateway
