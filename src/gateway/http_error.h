// SPDX-License-Identifier: Apache-2.0
// Errors as responses. Of an error only its public message goes out.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace bulkhead::gateway {

// kInvalid 400, kNotFound 404, kConflict 409, kDenied 403, kExhausted 429, kUnsupported 501,
// kUnavailable 503, kDeadline 504, kCorrupt and kInternal 500.
int HttpStatusOf(base::Code code);

// {"error": "..."} with exactly "application/json", as clients of the Open Inference Protocol
// expect of every status.
http::Response InferenceError(int status, std::string_view message);

// RFC 9457, with a request id.
http::Response Problem(int status, std::string_view detail, std::string_view request_id);

// The form of the two that the target calls for: the first below /v2, the second elsewhere.
// Anything 401 asks for a key, and 429 and 503 say when to come back; one second, when unknown.
http::Response ErrorResponse(std::string_view target, int status, std::string_view message,
                             std::string_view request_id,
                             std::optional<std::chrono::seconds> retry_after = std::nullopt);
http::Response ErrorResponse(std::string_view target, const base::Error& error,
                             std::string_view request_id,
                             std::optional<std::chrono::seconds> retry_after = std::nullopt);

}  // namespace bulkhead::gateway
