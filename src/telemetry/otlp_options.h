// SPDX-License-Identifier: Apache-2.0
// Where spans go, from the environment variables that OpenTelemetry specifies.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace bulkhead::telemetry {

struct OtlpOptions {
  std::string host;          // a name or an address; of IPv6 without brackets
  uint16_t port = 4318;      //
  std::string path;          // "/v1/traces"
  std::string service_name;  // resource attribute service.name
  std::string service_version;
  double sampled_share = 1;  // of traces that nobody else decided about

  // OpenTelemetry's batch processor has these numbers.
  std::size_t waiting_max = 2048;             // spans; further ones are dropped
  std::size_t batch_max = 512;                // spans of one request
  std::chrono::milliseconds delay{5'000};     // that a span waits for others at most
  std::chrono::milliseconds timeout{10'000};  // of one request, from the look-up to the answer

  // A batch that a receiver did not take for now, or that did not reach it.
  int attempts_max = 5;
  std::chrono::milliseconds retry_first{1'000};  // doubled from attempt to attempt
  std::chrono::milliseconds retry_last{30'000};
  std::chrono::milliseconds end_time{2'000};  // for what waits when the program ends
};

// Gives the value of a variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

// The process's own.
std::optional<std::string> ProcessEnvironment(const char* name);

// Reads OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (used as it is) or OTEL_EXPORTER_OTLP_ENDPOINT (with
// /v1/traces added), OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT (ms),
// OTEL_EXPORTER_OTLP_[TRACES_]PROTOCOL, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER_ARG,
// OTEL_BSP_SCHEDULE_DELAY (ms) and OTEL_SDK_DISABLED. An empty variable counts as none. nullopt: no
// endpoint, or disabled: there are no traces.
//
// kInvalid: a value that cannot be read. kUnsupported: https://, and protocols besides http/json;
// the detail says what to do.
base::Result<std::optional<OtlpOptions>> ReadOtlpOptions(const Environment& environment);

}  // namespace bulkhead::telemetry
