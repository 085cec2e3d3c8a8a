// SPDX-License-Identifier: Apache-2.0
#include "gateway/front.h"

#include <optional>
#include <span>
#include <utility>

#include "base/hex.h"
#include "base/random_bytes.h"
#include "gateway/credentials.h"
#include "gateway/http_error.h"
#include "gateway/openapi.h"
#include "gateway/path.h"
#include "gateway/v1_routes.h"
#include "gateway/v2_routes.h"

namespace bulkhead::gateway {
namespace {

bool NeedsKey(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kLive:
    case Endpoint::kReady:
    case Endpoint::kServerMetadata:
    case Endpoint::kOpenApi:
      return false;
    default:
      return true;
  }
}

}  // namespace

// What was found out at a request's head.
struct Front::Known {
  Path path;
  Caller caller;
  std::shared_ptr<const tenant::Directory> directory;  // that said so
};

Front::Front(RouteParts parts, std::string process_tag)
    : parts_(std::move(parts)), process_tag_(std::move(process_tag)) {}

http::Handlers Front::Handlers() {
  http::Handlers handlers;
  handlers.handle = [this](http::Request& request, const http::RequestScope& scope) {
    return Handle(request, scope);
  };
  handlers.on_head = [this](const http::Request& head) { return OnHead(head); };
  handlers.refuse = [this](int status, std::string_view message, const http::Request& head) {
    return ErrorResponse(head.target, status, message, NextRequestId());
  };
  return handlers;
}

std::string Front::NextRequestId() {
  // By chance: a number that counts would tell each tenant how much all others ask.
  constexpr std::size_t kIdBytes = 8;
  if (chance_used_ == chance_.size()) {
    if (!base::FillRandom(chance_).ok()) return process_tag_;
    chance_used_ = 0;
  }
  chance_used_ += kIdBytes;
  return process_tag_ + "-" +
         base::Hex(std::span(chance_).subspan(chance_used_ - kIdBytes, kIdBytes));
}

base::Result<Caller> Front::CallerOf(const http::Request& request) {
  const auto text =
      KeyTextOf(request.headers.Find("Authorization"), request.headers.Find("X-API-Key"));
  if (!text) {
    return base::PublicError(base::Code::kInvalid,
                             "a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY");
  }
  return parts_.accounts.Authenticate(*text);
}

http::Response Front::RefuseCaller(const http::Request& request, const base::Error& error) {
  const int status = error.code == base::Code::kDenied ? 403 : 401;
  parts_.statistics.Refused("", status == 403 ? "suspended" : "unauthenticated");
  parts_.denials.RefusedKey(request.headers.Find("Authorization"),
                            request.headers.Find("X-API-Key"), request.peer, error);
  return ErrorResponse(request.target, status, error.public_message, NextRequestId());
}

http::HeadDecision Front::OnHead(const http::Request& head) {
  std::optional<Path> path = ParsePath(head.target);
  http::HeadDecision decision;
  if (!path) {
    decision.refusal = ErrorResponse(head.target, 404, "Not Found", NextRequestId());
    return decision;
  }
  if (!TakesMethod(path->endpoint, head.method)) {
    decision.refusal = ErrorResponse(head.target, 405, "Method Not Allowed", NextRequestId());
    decision.refusal->headers.Add("Allow", MethodOf(path->endpoint));
    return decision;
  }
  if (!NeedsKey(path->endpoint)) return decision;
  base::Result<Caller> caller = CallerOf(head);
  if (!caller.ok()) {
    decision.refusal = RefuseCaller(head, caller.error());
    return decision;
  }
  decision.known = std::make_shared<Known>(
      Known{*std::move(path), std::move(caller).value(), parts_.accounts.Share()});
  return decision;
}

async::Task<http::Response> Front::Infer(RoutedRequest request) {
  const bool detect = request.path.endpoint == Endpoint::kDetect;
  const char* const name =
      detect ? "POST /v1/models/{model}/detect" : "POST /v2/models/{model}/infer";
  const Trace trace = BeginTrace(parts_, request.http.headers.Find("traceparent"), name,
                                 request.caller, request.path.model, request.scope.arrived);
  if (trace) trace->Set("bulkhead.request_id", request.request_id);
  request.trace = trace;
  const std::string tenant_name = request.caller.tenant_name;
  const tenant::TenantId tenant = request.caller.tenant;
  const async::CancelToken cancel = request.scope.cancel;
  http::Response response;
  if (detect) {
    response = co_await HandleDetect(parts_, std::move(request));
  } else {
    response = co_await HandleInfer(parts_, std::move(request));
  }
  if (response.status == 429) parts_.accounts.AddRateLimitFields(tenant, response.headers);
  EndTrace(parts_, trace, tenant_name, cancel.cancelled(), response.status);
  if (trace) response.headers.Add("traceparent", trace->traceparent());
  co_return response;
}

async::Task<http::Response> Front::Dispatch(RoutedRequest request) {
  switch (request.path.endpoint) {
    case Endpoint::kDetect:
    case Endpoint::kInfer:
      return Infer(std::move(request));
    default:
      return HandleV2(parts_, std::move(request));
  }
}

async::Task<http::Response> Front::Handle(http::Request& request, const http::RequestScope& scope) {
  const auto known = std::static_pointer_cast<Known>(std::exchange(request.known, nullptr));
  // Between its head and its end a key may have been revoked: then there is another directory.
  if (known == nullptr || known->directory != parts_.accounts.Share()) {
    return HandleUnknown(request, scope);
  }
  return Dispatch({request, scope, std::move(known->path), std::move(known->caller),
                   NextRequestId(), nullptr, parts_.denials});
}

async::Task<http::Response> Front::HandleUnknown(http::Request& request,
                                                 const http::RequestScope& scope) {
  // The server has asked OnHead before.
  std::optional<Path> path = ParsePath(request.target);
  if (!path) co_return ErrorResponse(request.target, 404, "Not Found", NextRequestId());
  if (path->endpoint == Endpoint::kOpenApi) {
    co_return http::MakeResponse(200, "application/json", OpenApiDocument());
  }
  if (!NeedsKey(path->endpoint)) co_return PublicV2(parts_, *path);
  base::Result<Caller> caller = CallerOf(request);
  if (!caller.ok()) co_return RefuseCaller(request, caller.error());
  RoutedRequest routed{request,         scope,   *std::move(path), std::move(caller).value(),
                       NextRequestId(), nullptr, parts_.denials};
  co_return co_await Dispatch(std::move(routed));
}

}  // namespace bulkhead::gateway
