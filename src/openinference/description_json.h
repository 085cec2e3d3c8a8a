// SPDX-License-Identifier: Apache-2.0
// Everything of /v2 that is not inference, as JSON bodies. Sent as "application/json" without a
// charset: KServe's client compares the whole header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "openinference/messages.h"

namespace bulkhead::openinference {

using JsonBody = std::vector<std::byte>;

// {"error": message}: of every status that is not a success.
JsonBody ErrorJson(std::string_view message);

// {"live": bool}, and {"live": true, "ready": bool}: KServe's client reads "ready", the protocol's
// text says "live".
JsonBody LiveJson(bool live);
JsonBody ReadyJson(bool ready);
// {"name", "ready"}
JsonBody ModelReadyJson(std::string_view model, bool ready);

// {"name", "version", "extensions"}
JsonBody ServerMetadataJson(const ServerMetadata& server);
// {"name", "versions", "platform", "inputs": [{"name", "datatype", "shape"}], "outputs"}. Without
// the properties, which only gRPC's message has.
JsonBody ModelMetadataJson(const ModelMetadata& model);
// Triton's model configuration: types as "TYPE_FP32", BYTES as "TYPE_STRING"; dims are numbers, as
// Triton's HTTP answers have them (core/src/model_config_utils.cc, FixIntArray).
JsonBody ModelConfigJson(const ModelConfig& config);
// {"model_stats": [...]}
JsonBody StatisticsJson(std::span<const ModelStatistics> models);
// [{"name", "version", "state", "reason"}]
JsonBody RepositoryIndexJson(std::span<const RepositoryEntry> entries);
// {"models": [names]}, KServe's GET /v2/models
JsonBody ModelListJson(std::span<const std::string> models);

}  // namespace bulkhead::openinference
