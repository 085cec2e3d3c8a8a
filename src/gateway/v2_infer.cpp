// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/detect_options.h"
#include "gateway/detect_tensors.h"
#include "gateway/graph_tensors.h"
#include "gateway/http_error.h"
#include "gateway/model_view.h"
#include "gateway/v2_routes.h"
#include "openinference/infer_request.h"
#include "openinference/infer_response.h"

namespace bulkhead::gateway {
namespace {

using Body = std::shared_ptr<const std::vector<std::byte>>;

// What a worker's answer becomes.
struct Released {
  openinference::InferResponse response;
  Receipt receipt;
  channel::FrameTimes times;
  std::shared_ptr<const void> owner;  // of the response's tensors
};

base::Result<openinference::InferRequest> Parse(const RoutedRequest& request, const Body& body,
                                                const ServedName& name,
                                                const channel::Hello& hello) {
  const auto length_text = request.http.headers.Find("Inference-Header-Content-Length");
  if (!length_text) return openinference::ParseInferRequest(*body, std::nullopt);
  BH_ASSIGN(const std::size_t length, openinference::ParseHeaderLength(*length_text, body->size()));
  if (length > 0) return openinference::ParseInferRequest(*body, length);
  const auto inputs = MetadataOf(name, 0, hello).inputs;
  return openinference::ParseRawInferRequest(*body, inputs);
}

Asked AskedWith(const RoutedRequest& request, const ServedName& name,
                const openinference::InferRequest& infer, std::size_t body_bytes) {
  Asked asked = AskedOf(request, name.model);
  asked.body_bytes = body_bytes;
  if (infer.timeout_us) asked.timeout = std::chrono::microseconds(*infer.timeout_us);
  return asked;
}

Task<Answer<Released>> RunDetect(const RouteParts& parts, Asked asked,
                                 const openinference::InferRequest& infer, Body body) {
  const auto options = DetectOptionsFrom(infer.parameters);
  if (!options.ok()) co_return Failure{options.error(), std::nullopt};
  const auto picture = PictureOf(infer);
  if (!picture.ok()) co_return Failure{picture.error(), std::nullopt};
  // A tensor of JSON owns its bytes; it lives as long as the caller waits, which may be shorter
  // than the sending does.
  auto kept =
      std::make_shared<std::pair<Body, openinference::InferRequest>>(std::move(body), infer);
  DetectJob job{PictureOf(kept->second).value(), kept, options.value(), false};
  auto answer = co_await parts.inference.Detect(std::move(asked), std::move(job));
  if (auto* failure = std::get_if<Failure>(&answer)) co_return std::move(*failure);
  auto& detected = std::get<Detected>(answer);
  auto response = DetectResponse(infer, detected.hello->spec, detected.reply.result);
  if (!response.ok()) {
    parts.inference.TakeBack(detected.receipt);
    co_return Failure{std::move(response).error(), std::nullopt};
  }
  response.value().version = std::to_string(detected.version);
  co_return Released{std::move(response).value(), std::move(detected.receipt), detected.reply.times,
                     nullptr};
}

Task<Answer<Released>> RunGraph(const RouteParts& parts, Asked asked,
                                openinference::InferRequest infer, Body body) {
  auto kept = std::make_shared<std::pair<Body, openinference::InferRequest>>(std::move(body),
                                                                             std::move(infer));
  GraphJob job{&kept->second, kept};
  auto answer = co_await parts.inference.Run(std::move(asked), std::move(job));
  if (auto* failure = std::get_if<Failure>(&answer)) co_return std::move(*failure);
  auto done = std::make_shared<GraphDone>(std::get<GraphDone>(std::move(answer)));
  openinference::InferResponse response = GraphResponse(done->reply, *done->hello);
  response.version = std::to_string(done->version);
  co_return Released{std::move(response), done->receipt, done->reply.times, done};
}

int64_t Microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

HttpResponse Write(const RouteParts& parts, const RoutedRequest& request, Released released,
                   const openinference::OutputForms& forms) {
  auto written = openinference::WriteInferResponse(std::move(released.response), forms);
  if (!written.ok()) {
    parts.inference.TakeBack(released.receipt);
    return FailureResponse(request, {written.error(), std::nullopt});
  }
  openinference::InferBody& body = written.value();
  HttpResponse response;
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

void Fill(openinference::InferResponse& response, const RoutedRequest& request,
          const std::string& id, const Released& released) {
  response.model = request.path.model;
  response.id = id;
  response.parameters["receipt"] = released.receipt.text;
  response.parameters["queue_us"] = Microseconds(released.times.queue);
  response.parameters["compute_us"] =
      Microseconds(released.times.decode + released.times.letterbox + released.times.infer +
                   released.times.heads);
}

}  // namespace

Task<HttpResponse> HandleInfer(const RouteParts& parts, RoutedRequest request) {
  const base::Status allowed = Accounts::Require(request.caller, tenant::Scope::kInfer);
  if (!allowed.ok()) co_return FailureResponse(request, {allowed.error(), std::nullopt});
  const ServedName name = ParseServedName(request.path.model);
  const auto hello = parts.fleet.Describe(request.caller.tenant, name.model, request.path.version);
  if (!hello.ok()) co_return FailureResponse(request, {hello.error(), std::nullopt});
  const Body body = std::make_shared<const std::vector<std::byte>>(std::move(request.http.body));
  auto infer = Parse(request, body, name, *hello.value());
  if (!infer.ok()) co_return FailureResponse(request, {infer.error(), std::nullopt});
  const openinference::OutputForms forms = openinference::FormsOf(infer.value());
  const auto outputs = MetadataOf(name, 0, *hello.value()).outputs;
  const base::Status formed = openinference::CheckForms(forms, outputs);
  if (!formed.ok()) co_return FailureResponse(request, {formed.error(), std::nullopt});
  const std::string id = infer.value().id;
  Asked asked = AskedWith(request, name, infer.value(), body->size());
  Answer<Released> released = Failure{};
  if (name.detect) {
    released = co_await RunDetect(parts, std::move(asked), infer.value(), body);
  } else {
    released = co_await RunGraph(parts, std::move(asked), std::move(infer).value(), body);
  }
  if (auto* failure = std::get_if<Failure>(&released)) co_return FailureResponse(request, *failure);
  auto& result = std::get<Released>(released);
  Fill(result.response, request, id, result);
  co_return Write(parts, request, std::move(result), forms);
}

}  // namespace bulkhead::gateway
