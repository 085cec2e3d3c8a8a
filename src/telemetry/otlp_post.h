// SPDX-License-Identifier: Apache-2.0
// One POST to a receiver of OTLP/HTTP, on a connection of its own.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "telemetry/otlp_options.h"

namespace bulkhead::telemetry {

struct PostAnswer {
  int status = 0;
  std::string body;                                 // 64 KiB at most; more is an error
  std::optional<std::chrono::seconds> retry_after;  // when it was given in seconds
};

// Blocks until there is an answer, until `timeout`, or until `stop`. Only a look-up of the host's
// name, which nobody can interrupt, may take longer (resolv.conf's timeout).
//
// kDeadline: no answer in time, or `stop`. kUnavailable: the host cannot be found or reached, or
// what it said is no HTTP.
base::Result<PostAnswer> PostJson(const OtlpOptions& options, std::string body,
                                  std::chrono::milliseconds timeout, const std::stop_token& stop);

}  // namespace bulkhead::telemetry
