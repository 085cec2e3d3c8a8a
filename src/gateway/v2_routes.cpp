// SPDX-License-Identifier: Apache-2.0
#include "gateway/v2_routes.h"

#include <string>
#include <utility>
#include <vector>

#include "gateway/http_error.h"
#include "gateway/v2_service.h"
#include "openinference/description_json.h"
#include "openinference/repository_request.h"

namespace bulkhead::gateway {
namespace {

http::Response Json(openinference::JsonBody body, int status = 200) {
  return http::MakeResponse(status, "application/json", std::move(body));
}

http::Response Refuse(const RoutedRequest& request, const base::Error& error) {
  return FailureResponse(request, {error, std::nullopt});
}

async::Task<http::Response> SetLoaded(const RouteParts& parts, RoutedRequest request) {
  const bool load = request.path.endpoint == Endpoint::kLoad;
  const base::Status taken = openinference::CheckRepositoryParameters(request.http.body);
  if (!taken.ok()) co_return Refuse(request, taken.error());
  const base::Status done =
      co_await LoadModel(parts, request.caller, ParseServedName(request.path.model), load);
  if (!done.ok()) co_return Refuse(request, done.error());
  co_return http::MakeResponse(200, "application/json", std::string());
}

http::Response Index(const RouteParts& parts, const RoutedRequest& request) {
  const auto query = openinference::ParseRepositoryIndexQuery(request.http.body);
  if (!query.ok()) return Refuse(request, query.error());
  return Json(openinference::RepositoryIndexJson(
      IndexModels(parts, request.caller, query.value().ready_only)));
}

http::Response OfModel(const RouteParts& parts, const RoutedRequest& request) {
  const NamedModel model{request.caller, ParseServedName(request.path.model), request.path.version};
  switch (request.path.endpoint) {
    case Endpoint::kModelMetadata: {
      const auto metadata = DescribeModel(parts, model);
      if (!metadata.ok()) return Refuse(request, metadata.error());
      return Json(openinference::ModelMetadataJson(metadata.value()));
    }
    case Endpoint::kModelConfig: {
      const auto config = ConfigureModel(parts, model);
      if (!config.ok()) return Refuse(request, config.error());
      return Json(openinference::ModelConfigJson(config.value()));
    }
    case Endpoint::kModelStatistics: {
      const auto statistics = CountModel(parts, model);
      if (!statistics.ok()) return Refuse(request, statistics.error());
      return Json(openinference::StatisticsJson({&statistics.value(), 1}));
    }
    default: {
      const auto ready = IsModelReady(parts, model);
      if (!ready.ok()) return Refuse(request, ready.error());
      return Json(openinference::ModelReadyJson(request.path.model, ready.value()),
                  ready.value() ? 200 : 503);
    }
  }
}

}  // namespace

http::Response PublicV2(const RouteParts& parts, const Path& path) {
  if (path.endpoint == Endpoint::kLive) return Json(openinference::LiveJson(true));
  if (path.endpoint == Endpoint::kReady) {
    const bool ready = parts.ready();
    return Json(openinference::ReadyJson(ready), ready ? 200 : 503);
  }
  return Json(openinference::ServerMetadataJson(DescribeServer(parts)));
}

async::Task<http::Response> HandleV2(const RouteParts& parts, RoutedRequest request) {
  if (request.path.endpoint == Endpoint::kLoad || request.path.endpoint == Endpoint::kUnload) {
    co_return co_await SetLoaded(parts, std::move(request));
  }
  const base::Status allowed = Accounts::Require(request.caller, tenant::Scope::kRead);
  if (!allowed.ok()) co_return Refuse(request, allowed.error());
  switch (request.path.endpoint) {
    case Endpoint::kModelList:
      co_return Json(openinference::ModelListJson(ListModels(parts, request.caller)));
    case Endpoint::kAllStatistics:
      co_return Json(openinference::StatisticsJson(CountModels(parts, request.caller)));
    case Endpoint::kRepositoryIndex:
      co_return Index(parts, request);
    case Endpoint::kUnsupported:
      co_return InferenceError(501, "this extension is not supported");
    default:
      co_return OfModel(parts, request);
  }
}

}  // namespace bulkhead::gateway
