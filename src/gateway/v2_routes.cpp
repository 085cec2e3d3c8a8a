// SPDX-License-Identifier: Apache-2.0
#include "gateway/v2_routes.h"

#include <string>
#include <utility>
#include <vector>

#include "gateway/http_error.h"
#include "gateway/model_view.h"
#include "openinference/description_json.h"

namespace bulkhead::gateway {
namespace {

HttpResponse Json(openinference::JsonBody body, int status = 200) {
  return MakeResponse(status, "application/json", std::move(body));
}

HttpResponse Refuse(const RoutedRequest& request, const base::Error& error) {
  return FailureResponse(request, {error, std::nullopt});
}

// Of the deployments that the caller has. A tenant's own deployment is no secret to it.
base::Result<const tenant::Deployment*> DeploymentOf(const RouteParts& parts,
                                                     const RoutedRequest& request,
                                                     const ServedName& name) {
  const tenant::Deployment* deployment =
      parts.accounts.directory().FindDeployment(request.caller.tenant, name.model);
  if (deployment == nullptr) return NoSuchModel();
  return deployment;
}

base::Result<const channel::Hello*> Describe(const RouteParts& parts, const RoutedRequest& request,
                                             const ServedName& name) {
  return parts.fleet.Describe(request.caller.tenant, name.model, request.path.version);
}

tenant::Version ServingVersion(const RouteParts& parts, const RoutedRequest& request,
                               const ServedName& name) {
  const auto state = parts.fleet.Find(request.caller.tenant, name.model);
  return request.path.version.value_or(state ? state->serving_version.value_or(0) : 0);
}

HttpResponse Metadata(const RouteParts& parts, const RoutedRequest& request) {
  const ServedName name = ParseServedName(request.path.model);
  const auto hello = Describe(parts, request, name);
  if (!hello.ok()) return Refuse(request, hello.error());
  const tenant::Version version = ServingVersion(parts, request, name);
  return Json(openinference::ModelMetadataJson(MetadataOf(name, version, *hello.value())));
}

HttpResponse Config(const RouteParts& parts, const RoutedRequest& request) {
  const ServedName name = ParseServedName(request.path.model);
  const auto hello = Describe(parts, request, name);
  if (!hello.ok()) return Refuse(request, hello.error());
  return Json(openinference::ModelConfigJson(ConfigOf(name, *hello.value())));
}

HttpResponse ModelReady(const RouteParts& parts, const RoutedRequest& request) {
  const ServedName name = ParseServedName(request.path.model);
  const auto deployment = DeploymentOf(parts, request, name);
  if (!deployment.ok()) return Refuse(request, deployment.error());
  const auto hello = Describe(parts, request, name);
  if (!hello.ok() && hello.error().code == base::Code::kNotFound) {
    return Refuse(request, hello.error());
  }
  return Json(openinference::ModelReadyJson(request.path.model, hello.ok()),
              hello.ok() ? 200 : 503);
}

openinference::ModelStatistics StatisticsOf(const RouteParts& parts, const Caller& caller,
                                            const ServedName& name, tenant::Version version) {
  openinference::ModelStatistics statistics =
      parts.statistics.Of({caller.tenant, name.model, version});
  statistics.name = ServedText(name);
  return statistics;
}

HttpResponse OneStatistics(const RouteParts& parts, const RoutedRequest& request) {
  const ServedName name = ParseServedName(request.path.model);
  const auto hello = Describe(parts, request, name);
  if (!hello.ok()) return Refuse(request, hello.error());
  const openinference::ModelStatistics statistics[] = {
      StatisticsOf(parts, request.caller, name, ServingVersion(parts, request, name))};
  return Json(openinference::StatisticsJson(statistics));
}

HttpResponse AllStatistics(const RouteParts& parts, const RoutedRequest& request) {
  std::vector<openinference::ModelStatistics> all;
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(request.caller.tenant)) {
    all.push_back(
        StatisticsOf(parts, request.caller, {deployment.model, false}, deployment.version));
  }
  return Json(openinference::StatisticsJson(all));
}

HttpResponse ModelList(const RouteParts& parts, const RoutedRequest& request) {
  std::vector<std::string> names;
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(request.caller.tenant)) {
    for (const bool detect : {false, true}) names.push_back(ServedText({deployment.model, detect}));
  }
  return Json(openinference::ModelListJson(names));
}

// Triton's words for the state of what was asked for last.
openinference::RepositoryEntry EntryOf(const RouteParts& parts, const Caller& caller,
                                       const tenant::Deployment& deployment) {
  openinference::RepositoryEntry entry;
  entry.name = deployment.model.text;
  entry.version = std::to_string(deployment.version);
  const auto state = parts.fleet.Find(caller.tenant, deployment.model);
  if (!state || state->phase == DeploymentPhase::kUnloaded) {
    entry.state = state && state->serving_version ? "UNLOADING" : "UNAVAILABLE";
    entry.reason = "unloaded";
  } else if (state->phase == DeploymentPhase::kReady) {
    entry.state = "READY";
  } else if (state->phase == DeploymentPhase::kStarting) {
    entry.state = "LOADING";
  } else {
    entry.state = "UNAVAILABLE";
    entry.reason = state->reason ? state->reason->public_message : "";
  }
  return entry;
}

HttpResponse RepositoryIndex(const RouteParts& parts, const RoutedRequest& request) {
  std::vector<openinference::RepositoryEntry> entries;
  for (const auto& deployment : parts.accounts.directory().DeploymentsOf(request.caller.tenant)) {
    entries.push_back(EntryOf(parts, request.caller, deployment));
  }
  return Json(openinference::RepositoryIndexJson(entries));
}

Task<HttpResponse> SetLoaded(const RouteParts& parts, RoutedRequest request) {
  const base::Status allowed = Accounts::Require(request.caller, tenant::Scope::kManage);
  if (!allowed.ok()) co_return Refuse(request, allowed.error());
  const ServedName name = ParseServedName(request.path.model);
  const auto deployment = DeploymentOf(parts, request, name);
  if (!deployment.ok()) co_return Refuse(request, deployment.error());
  const bool load = request.path.endpoint == Endpoint::kLoad;
  const base::Status done = co_await parts.set_loaded(request.caller, name.model, load);
  if (!done.ok()) co_return Refuse(request, done.error());
  co_return MakeResponse(200, "application/json", std::string());
}

}  // namespace

HttpResponse PublicV2(const RouteParts& parts, const Path& path) {
  if (path.endpoint == Endpoint::kLive) return Json(openinference::LiveJson(true));
  if (path.endpoint == Endpoint::kReady) {
    const bool ready = parts.ready();
    return Json(openinference::ReadyJson(ready), ready ? 200 : 503);
  }
  return Json(openinference::ServerMetadataJson(
      {"bulkhead",
       parts.version,
       {"binary_tensor_data", "model_configuration", "model_repository", "schedule_policy",
        "parameters", "statistics"}}));
}

Task<HttpResponse> HandleV2(const RouteParts& parts, RoutedRequest request) {
  if (request.path.endpoint == Endpoint::kLoad || request.path.endpoint == Endpoint::kUnload) {
    co_return co_await SetLoaded(parts, std::move(request));
  }
  const base::Status allowed = Accounts::Require(request.caller, tenant::Scope::kRead);
  if (!allowed.ok()) co_return Refuse(request, allowed.error());
  switch (request.path.endpoint) {
    case Endpoint::kModelList:
      co_return ModelList(parts, request);
    case Endpoint::kAllStatistics:
      co_return AllStatistics(parts, request);
    case Endpoint::kModelMetadata:
      co_return Metadata(parts, request);
    case Endpoint::kModelReady:
      co_return ModelReady(parts, request);
    case Endpoint::kModelConfig:
      co_return Config(parts, request);
    case Endpoint::kModelStatistics:
      co_return OneStatistics(parts, request);
    case Endpoint::kRepositoryIndex:
      co_return RepositoryIndex(parts, request);
    default:
      co_return InferenceError(501, "this extension is not supported");
  }
}

}  // namespace bulkhead::gateway
