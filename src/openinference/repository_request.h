// SPDX-License-Identifier: Apache-2.0
// The bodies of POST /v2/repository/... (Triton, docs/protocol/extension_model_repository.md).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"

namespace bulkhead::openinference {

struct RepositoryIndexQuery {
  bool ready_only = false;  // "ready": only models that are ready
};

// An empty body is {}. kInvalid, safe for the tenant: not a JSON object of at most 64 KiB, or
// "ready" is no boolean.
base::Result<RepositoryIndexQuery> ParseRepositoryIndexQuery(std::span<const std::byte> body);

// The body of a load or an unload, which may be empty. kUnsupported: the parameters "config" and
// "file:...": a model's bytes come only over the admin API. kInvalid as above. Every other
// parameter
// ("unload_dependents") means nothing here.
base::Status CheckRepositoryParameters(std::span<const std::byte> body);

// Whether a parameter of a load would bring a configuration or files.
base::Status CheckRepositoryParameter(std::string_view name);

}  // namespace bulkhead::openinference
