// SPDX-License-Identifier: Apache-2.0
// One request over plain HTTP, on a connection of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "telemetry/http_place.h"

namespace bulkhead::telemetry {

struct HttpAsk {
  HttpPlace place;
  std::string user_agent;
  std::optional<std::string> json{};  // posted; none: a GET
  uint64_t answer_bytes_max = uint64_t{64} << 10;
  std::chrono::milliseconds timeout{10'000};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string retry_after;  // the field, as it was given
};

// Blocks until there is an answer, until the timeout, or until `stop`. Only a look-up of the host's
// name, which nobody can interrupt, may take longer (resolv.conf's timeout).
//
// kDeadline: no answer in time, or `stop`. kUnavailable: the host cannot be found or reached, or
// what it said is no HTTP, or too long.
base::Result<HttpAnswer> ExchangeHttp(HttpAsk ask, const std::stop_token& stop);

}  // namespace bulkhead::telemetry
