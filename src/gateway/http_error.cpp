// SPDX-License-Identifier: Apache-2.0
#include "gateway/http_error.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "http/refusal.h"

namespace bulkhead::gateway {
namespace {

using nlohmann::json;

// A text that is not UTF-8 (a header's, say) is shown with marks in place of what is not.
std::string Dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

int HttpStatusOf(base::Code code) {
  switch (code) {
    case base::Code::kInvalid:
      return 400;
    case base::Code::kNotFound:
      return 404;
    case base::Code::kConflict:
      return 409;
    case base::Code::kDenied:
      return 403;
    case base::Code::kExhausted:
      return 429;
    case base::Code::kUnsupported:
      return 501;
    case base::Code::kUnavailable:
      return 503;
    case base::Code::kDeadline:
      return 504;
    case base::Code::kCorrupt:
    case base::Code::kInternal:
      return 500;
  }
  return 500;
}

http::Response InferenceError(int status, std::string_view message) {
  return http::MakeResponse(status, "application/json", Dump({{"error", message}}));
}

http::Response Problem(int status, std::string_view detail, std::string_view request_id) {
  const json problem{{"type", "about:blank"},
                     {"title", http::ReasonPhrase(status)},
                     {"status", status},
                     {"detail", detail},
                     {"request_id", request_id}};
  return http::MakeResponse(status, "application/problem+json", Dump(problem));
}

http::Response ErrorResponse(std::string_view target, int status, std::string_view message,
                             std::string_view request_id,
                             std::optional<std::chrono::seconds> retry_after) {
  const bool inference = target == "/v2" || target.starts_with("/v2/");
  http::Response response =
      inference ? InferenceError(status, message) : Problem(status, message, request_id);
  if (status == 401) response.headers.Add("WWW-Authenticate", "Bearer realm=\"bulkhead\"");
  if (status == 429 || status == 503) {
    response.headers.Add("Retry-After",
                         std::to_string(retry_after.value_or(std::chrono::seconds(1)).count()));
  }
  return response;
}

http::Response ErrorResponse(std::string_view target, const base::Error& error,
                             std::string_view request_id,
                             std::optional<std::chrono::seconds> retry_after) {
  return ErrorResponse(target, HttpStatusOf(error.code), error.public_message, request_id,
                       retry_after);
}

}  // namespace bulkhead::gateway
