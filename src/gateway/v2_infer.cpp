// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/v2_routes.h"
#include "gateway/v2_service.h"
#include "openinference/infer_request.h"
#include "openinference/infer_response.h"

namespace bulkhead::gateway {
namespace {

using Body = std::shared_ptr<const std::vector<std::byte>>;

base::Result<openinference::InferRequest> Parse(
    const RoutedRequest& request, const std::vector<std::byte>& body,
    const std::vector<openinference::TensorMetadata>& inputs) {
  const auto length_text = request.http.headers.Find("Inference-Header-Content-Length");
  if (!length_text) return openinference::ParseInferRequest(body, std::nullopt);
  BH_ASSIGN(const std::size_t length, openinference::ParseHeaderLength(*length_text, body.size()));
  if (length > 0) return openinference::ParseInferRequest(body, length);
  return openinference::ParseRawInferRequest(body, inputs);
}

http::Response Write(const RouteParts& parts, const RoutedRequest& request, Released released,
                     const openinference::OutputForms& forms) {
  auto written = openinference::WriteInferResponse(std::move(released.response), forms);
  if (!written.ok()) {
    parts.inference.TakeBack(released.receipt);
    return FailureResponse(request, {written.error(), std::nullopt});
  }
  openinference::InferBody& body = written.value();
  http::Response response;
  response.headers.Add("Content-Type",
                       body.header_length ? "application/octet-stream" : "application/json");
  if (body.header_length) {
    response.headers.Add("Inference-Header-Content-Length", std::to_string(*body.header_length));
  }
  for (std::vector<std::byte>& part : body.parts) response.body.emplace_back(std::move(part));
  parts.accounts.AddRateLimitFields(request.caller.tenant, response.headers);
  AddReceipt(parts, released.receipt, response);
  return response;
}

}  // namespace

async::Task<http::Response> HandleInfer(const RouteParts& parts, RoutedRequest request) {
  const base::Status allowed = Accounts::Require(request.caller, tenant::Scope::kInfer);
  if (!allowed.ok()) co_return FailureResponse(request, {allowed.error(), std::nullopt});
  const ServedName name = ParseServedName(request.path.model);
  const auto metadata = DescribeModel(parts, {request.caller, name, request.path.version});
  if (!metadata.ok()) co_return FailureResponse(request, {metadata.error(), std::nullopt});
  Asked asked = AskedOf(request, name.model);
  const Body body = std::make_shared<const std::vector<std::byte>>(std::move(request.http.body));
  auto infer = Parse(request, *body, metadata.value().inputs);
  if (!infer.ok()) co_return FailureResponse(request, {infer.error(), std::nullopt});
  const openinference::OutputForms forms = openinference::FormsOf(infer.value());
  const base::Status formed = openinference::CheckForms(forms, metadata.value().outputs);
  if (!formed.ok()) co_return FailureResponse(request, {formed.error(), std::nullopt});
  auto answer = co_await RunModel(parts, std::move(asked), name, std::move(infer).value(), body);
  if (auto* failure = std::get_if<Failure>(&answer)) co_return FailureResponse(request, *failure);
  co_return Write(parts, request, std::get<Released>(std::move(answer)), forms);
}

}  // namespace bulkhead::gateway
