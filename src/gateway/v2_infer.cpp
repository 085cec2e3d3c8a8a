// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/infer_json.h"
#include "gateway/v2_routes.h"
#include "gateway/v2_service.h"
#include "openinference/infer_request.h"
#include "openinference/infer_response.h"

namespace bulkhead::gateway {
namespace {

http::Response Respond(const RouteParts& parts, const RoutedRequest& request, Receipt receipt,
                       base::Result<openinference::InferBody> written) {
  if (!written.ok()) {
    parts.inference.TakeBack(receipt);
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
  AddReceipt(parts, std::move(receipt), response);
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
  auto text = MakeInferText(
      std::make_shared<const std::vector<std::byte>>(std::move(request.http.body)),
      request.http.headers.Find("Inference-Header-Content-Length"), metadata.value().inputs);
  if (!text.ok()) co_return FailureResponse(request, {text.error(), std::nullopt});
  const auto body = text.value().body;
  auto infer = co_await ReadInfer(parts.large_json, request.caller.tenant, std::move(text).value());
  if (!infer.ok()) co_return FailureResponse(request, {infer.error(), std::nullopt});
  openinference::OutputForms forms = openinference::FormsOf(infer.value());
  const base::Status formed = openinference::CheckForms(forms, metadata.value().outputs);
  if (!formed.ok()) co_return FailureResponse(request, {formed.error(), std::nullopt});
  auto answer = co_await RunModel(parts, std::move(asked), name, std::move(infer).value(), body);
  if (auto* failure = std::get_if<Failure>(&answer)) co_return FailureResponse(request, *failure);
  auto& released = std::get<Released>(answer);
  auto written =
      co_await WriteInfer(parts.large_json, request.caller.tenant, std::move(released.response),
                          std::move(forms), released.owner);
  co_return Respond(parts, request, std::move(released.receipt), std::move(written));
}

}  // namespace bulkhead::gateway
