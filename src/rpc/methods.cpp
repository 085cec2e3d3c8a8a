// SPDX-License-Identifier: Apache-2.0
#include "rpc/methods.h"

#include <string>
#include <utility>
#include <variant>

#include <grpcpp/impl/codegen/proto_utils.h>
#include <openinference/health.pb.h>

#include "openinference/repository_request.h"
#include "rpc/descriptions.h"
#include "rpc/infer.h"
#include "rpc/wire.h"

namespace bulkhead::rpc {
namespace {

using Pending = std::shared_ptr<PendingResult>;

// A reply that becomes the message that `to_message` makes of its value.
template <typename T, typename ToMessage>
Reply<T> ReplyWith(Pending pending, ToMessage to_message) {
  return [pending = std::move(pending), to_message](std::variant<T, ApiFailure> reply) {
    if (const auto* const failure = std::get_if<ApiFailure>(&reply)) {
      pending->Set(ResultOf(*failure));
    } else {
      pending->Set(SerializedResult(to_message(std::get<T>(reply))));
    }
  };
}

template <typename Response>
auto Described() {
  return [](const auto& value) -> Response { return ToMessage(value); };
}

// Of a request that names a model.
template <typename Request>
std::optional<Request> ParseNaming(grpc::ByteBuffer message, ApiCall& call,
                                   PendingResult& pending) {
  auto request = ParseMessage<Request>(std::move(message), pending);
  if (!request) return request;
  call.model = request->name();
  call.version = request->version();
  return request;
}

void RunLive(const InferenceApi& api, ApiCall call, grpc::ByteBuffer /*message*/, Pending pending) {
  api.live(std::move(call), ReplyWith<bool>(std::move(pending), [](bool live) {
             inference::ServerLiveResponse response;
             response.set_live(live);
             return response;
           }));
}

void RunReady(const InferenceApi& api, ApiCall call, grpc::ByteBuffer /*message*/,
              Pending pending) {
  api.ready(std::move(call), ReplyWith<bool>(std::move(pending), [](bool ready) {
              inference::ServerReadyResponse response;
              response.set_ready(ready);
              return response;
            }));
}

void RunHealth(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message, Pending pending) {
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;
  const auto request = ParseMessage<Request>(std::move(message), *pending);
  if (!request) return;
  if (!request->service().empty() && request->service() != "inference.GRPCInferenceService") {
    pending->Set({.status = {grpc::StatusCode::NOT_FOUND, "no such service"}});
    return;
  }
  api.ready(std::move(call), ReplyWith<bool>(std::move(pending), [](bool ready) {
              Response response;
              response.set_status(ready ? Response::SERVING : Response::NOT_SERVING);
              return response;
            }));
}

void RunServerMetadata(const InferenceApi& api, ApiCall call, grpc::ByteBuffer /*message*/,
                       Pending pending) {
  api.server_metadata(std::move(call),
                      ReplyWith<openinference::ServerMetadata>(
                          std::move(pending), Described<inference::ServerMetadataResponse>()));
}

void RunModelReady(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                   Pending pending) {
  if (!ParseNaming<inference::ModelReadyRequest>(std::move(message), call, *pending)) return;
  api.model_ready(std::move(call), ReplyWith<bool>(std::move(pending), [](bool ready) {
                    inference::ModelReadyResponse response;
                    response.set_ready(ready);
                    return response;
                  }));
}

void RunModelMetadata(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                      Pending pending) {
  if (!ParseNaming<inference::ModelMetadataRequest>(std::move(message), call, *pending)) return;
  api.metadata(std::move(call),
               ReplyWith<openinference::ModelMetadata>(
                   std::move(pending), Described<inference::ModelMetadataResponse>()));
}

void RunModelConfig(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                    Pending pending) {
  if (!ParseNaming<inference::ModelConfigRequest>(std::move(message), call, *pending)) return;
  api.config(std::move(call), ReplyWith<openinference::ModelConfig>(
                                  std::move(pending), Described<inference::ModelConfigResponse>()));
}

void RunModelStatistics(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                        Pending pending) {
  if (!ParseNaming<inference::ModelStatisticsRequest>(std::move(message), call, *pending)) return;
  api.statistics(std::move(call),
                 ReplyWith<std::vector<openinference::ModelStatistics>>(
                     std::move(pending), Described<inference::ModelStatisticsResponse>()));
}

void RunRepositoryIndex(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                        Pending pending) {
  const auto request =
      ParseMessage<inference::RepositoryIndexRequest>(std::move(message), *pending);
  if (!request) return;
  api.repository_index(std::move(call), request->ready(),
                       ReplyWith<std::vector<openinference::RepositoryEntry>>(
                           std::move(pending), Described<inference::RepositoryIndexResponse>()));
}

template <typename Request>
bool ParseRepositoryMessage(grpc::ByteBuffer message, ApiCall& call, PendingResult& pending) {
  const auto request = ParseMessage<Request>(std::move(message), pending);
  if (!request) return false;
  call.model = request->model_name();
  for (const auto& [name, value] : request->parameters()) {
    const base::Status checked = openinference::CheckRepositoryParameter(name);
    if (checked.ok()) continue;
    pending.Set(ResultOf({.error = checked.error()}));
    return false;
  }
  return true;
}

void RunLoad(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message, Pending pending) {
  using Request = inference::RepositoryModelLoadRequest;
  if (!ParseRepositoryMessage<Request>(std::move(message), call, *pending)) return;
  api.load(std::move(call), ReplyWith<base::Unit>(std::move(pending), [](base::Unit /*done*/) {
             return inference::RepositoryModelLoadResponse();
           }));
}

void RunUnload(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message, Pending pending) {
  using Request = inference::RepositoryModelUnloadRequest;
  if (!ParseRepositoryMessage<Request>(std::move(message), call, *pending)) return;
  api.unload(std::move(call), ReplyWith<base::Unit>(std::move(pending), [](base::Unit /*done*/) {
               return inference::RepositoryModelUnloadResponse();
             }));
}

constexpr Method kMethods[] = {
    {"/inference.GRPCInferenceService/ModelInfer", true, false, RunModelInfer},
    {"/inference.GRPCInferenceService/ModelStreamInfer", true, true, RunModelStreamInfer},
    {"/inference.GRPCInferenceService/ServerLive", false, false, RunLive},
    {"/inference.GRPCInferenceService/ServerReady", false, false, RunReady},
    {"/inference.GRPCInferenceService/ServerMetadata", false, false, RunServerMetadata},
    {"/inference.GRPCInferenceService/ModelReady", true, false, RunModelReady},
    {"/inference.GRPCInferenceService/ModelMetadata", true, false, RunModelMetadata},
    {"/inference.GRPCInferenceService/ModelConfig", true, false, RunModelConfig},
    {"/inference.GRPCInferenceService/ModelStatistics", true, false, RunModelStatistics},
    {"/inference.GRPCInferenceService/RepositoryIndex", true, false, RunRepositoryIndex},
    {"/inference.GRPCInferenceService/RepositoryModelLoad", true, false, RunLoad},
    {"/inference.GRPCInferenceService/RepositoryModelUnload", true, false, RunUnload},
    {"/grpc.health.v1.Health/Check", false, false, RunHealth},
};

}  // namespace

const Method* FindMethod(std::string_view path) {
  for (const Method& method : kMethods) {
    if (method.path == path) return &method;
  }
  return nullptr;
}

}  // namespace bulkhead::rpc
