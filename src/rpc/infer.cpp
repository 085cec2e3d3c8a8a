// SPDX-License-Identifier: Apache-2.0
#include "rpc/infer.h"

#include <string>
#include <utility>
#include <variant>

#include <openinference/inference.pb.h>

#include "rpc/messages.h"
#include "rpc/wire.h"

namespace bulkhead::rpc {
namespace {

using Request = std::shared_ptr<const inference::ModelInferRequest>;
using InferReply = std::variant<InferAnswer, ApiFailure>;

// Asks the API; `reply` keeps the message, which the tensors are views of.
void Infer(const InferenceApi& api, ApiCall call, const Request& request,
           Reply<InferAnswer> reply) {
  auto values = ParseInferMessage(*request);
  if (!values.ok()) return reply(ApiFailure{.error = std::move(values).error()});
  call.model = request->model_name();
  call.version = request->model_version();
  api.infer(std::move(call), std::move(values).value(), std::move(reply));
}

CallResult UnaryResult(const InferReply& reply) {
  if (const auto* const failure = std::get_if<ApiFailure>(&reply)) return ResultOf(*failure);
  const auto& answer = std::get<InferAnswer>(reply);
  inference::ModelInferResponse response;
  const base::Status written = WriteInferMessage(answer.response, response);
  CallResult result =
      written.ok() ? SerializedResult(response) : ResultOf({.error = written.error()});
  result.receipt = answer.receipt;
  result.written = answer.written;
  return result;
}

CallResult StreamFailure(const std::string& id, const base::Error& error) {
  inference::ModelStreamInferResponse response;
  response.set_error_message(error.public_message);
  response.mutable_infer_response()->set_id(id);
  return SerializedResult(response);
}

CallResult StreamResult(const std::string& id, const InferReply& reply) {
  if (const auto* const failure = std::get_if<ApiFailure>(&reply)) {
    return StreamFailure(id, failure->error);
  }
  const auto& answer = std::get<InferAnswer>(reply);
  inference::ModelStreamInferResponse response;
  auto& inner = *response.mutable_infer_response();
  const base::Status written = WriteInferMessage(answer.response, inner);
  if (!written.ok()) {
    if (answer.written) answer.written(false);
    return StreamFailure(id, written.error());
  }
  (*inner.mutable_parameters())["triton_final_response"].set_bool_param(true);
  if (!answer.receipt.empty()) {
    (*inner.mutable_parameters())["bulkhead_receipt"].set_string_param(answer.receipt);
  }
  CallResult result = SerializedResult(response);
  result.written = answer.written;
  return result;
}

}  // namespace

void RunModelInfer(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                   std::shared_ptr<PendingResult> pending) {
  const auto request = std::make_shared<inference::ModelInferRequest>();
  if (!ParseInto(std::move(message), *request)) {
    pending->Set({.status = {grpc::StatusCode::INVALID_ARGUMENT, "the message cannot be read"}});
    return;
  }
  Infer(api, std::move(call), request,
        [request, pending](const InferReply& reply) { pending->Set(UnaryResult(reply)); });
}

void RunModelStreamInfer(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                         std::shared_ptr<PendingResult> pending) {
  const auto request = std::make_shared<inference::ModelInferRequest>();
  if (!ParseInto(std::move(message), *request)) {
    pending->Set(
        StreamFailure("", base::PublicError(base::Code::kInvalid, "the message cannot be read")));
    return;
  }
  Infer(api, std::move(call), request, [request, pending](const InferReply& reply) {
    pending->Set(StreamResult(request->id(), reply));
  });
}

}  // namespace bulkhead::rpc
