// SPDX-License-Identifier: Apache-2.0
#include "gateway/routes.h"

#include <utility>

#include "gateway/http_error.h"

namespace bulkhead::gateway {

Trace BeginTrace(const RouteParts& parts, const std::optional<std::string_view>& traceparent,
                 std::string_view name, const Caller& caller, const std::string& model,
                 std::chrono::nanoseconds arrived) {
  Trace trace = parts.tracer.Begin(traceparent, name, arrived);
  if (trace) {
    trace->Set("bulkhead.tenant", caller.tenant_name);
    trace->Set("bulkhead.model", model);
  }
  return trace;
}

void EndTrace(const RouteParts& parts, const Trace& trace, const std::string& tenant_name,
              bool cancelled, int status) {
  if (!cancelled) parts.statistics.Answered(tenant_name, status);
  if (trace) trace->Answered(status);
}

Asked AskedOf(const RoutedRequest& request, tenant::ModelName model) {
  Asked asked;
  asked.caller = request.caller;
  asked.model = std::move(model);
  asked.trace = request.trace;
  asked.version = request.path.version;
  asked.body_bytes = request.http.body.size();
  asked.arrived = request.scope.arrived;
  asked.cancel = request.scope.cancel;
  return asked;
}

base::Error NoSuchModel() { return base::PublicError(base::Code::kNotFound, "no such model"); }

http::Response FailureResponse(const RoutedRequest& request, const Failure& failure) {
  std::optional<std::chrono::seconds> retry_after;
  if (failure.retry_after) {
    retry_after = std::chrono::ceil<std::chrono::seconds>(*failure.retry_after);
  }
  const bool missing = failure.error.code == base::Code::kNotFound;
  request.denials.RefusedRequest(request.caller, request.path.model, request.http.peer,
                                 failure.error.code);
  return ErrorResponse(request.http.target, missing ? NoSuchModel() : failure.error,
                       request.request_id, retry_after);
}

void AddReceipt(const RouteParts& parts, Receipt receipt, http::Response& response) {
  response.headers.Add("Bulkhead-Receipt", receipt.text);
  response.written = [&inference = parts.inference, receipt = std::move(receipt)](bool delivered) {
    if (!delivered) inference.TakeBack(receipt);
  };
}

}  // namespace bulkhead::gateway
