// SPDX-License-Identifier: Apache-2.0
// Targets as values: which part of which model is meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tenant/records.h"

namespace bulkhead::gateway {

enum class Endpoint : uint8_t {
  kServerMetadata,   // /v2
  kLive,             // /v2/health/live
  kReady,            // /v2/health/ready
  kModelList,        // /v2/models
  kAllStatistics,    // /v2/models/stats
  kModelMetadata,    // /v2/models/M[/versions/V]
  kModelReady,       // .../ready
  kModelConfig,      // .../config
  kModelStatistics,  // .../stats
  kInfer,            // .../infer
  kRepositoryIndex,  // /v2/repository/index
  kLoad,             // /v2/repository/models/M/load
  kUnload,           // /v2/repository/models/M/unload
  kUnsupported,      // Triton's that we do not have: shared memory, tracing, logging
  kDetect,           // /v1/models/M[/versions/V]/detect
  kOpenApi,          // /openapi.json
};

struct Path {
  Endpoint endpoint = Endpoint::kServerMetadata;
  std::string model;  // as in the target; empty where none is meant
  std::optional<tenant::Version> version;
};

// nullopt: no such path. A version that is no number from 1 on is none that exists.
std::optional<Path> ParsePath(std::string_view target);

// "GET", or "POST" for those that run or change something.
std::string_view MethodOf(Endpoint endpoint);

// Whether a request with this method is meant for the endpoint: its own, HEAD where that is GET,
// and any for what we do not have, so that a client hears that and not that it used the wrong
// method.
bool TakesMethod(Endpoint endpoint, std::string_view method);

}  // namespace bulkhead::gateway
