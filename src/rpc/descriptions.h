// SPDX-License-Identifier: Apache-2.0
// Everything of the service that is not inference, as gRPC's messages.
#pragma once

#include <vector>

#include <openinference/inference.pb.h>

#include "openinference/messages.h"

namespace bulkhead::rpc {

inference::ServerMetadataResponse ToMessage(const openinference::ServerMetadata& server);
inference::ModelMetadataResponse ToMessage(const openinference::ModelMetadata& model);
inference::ModelConfigResponse ToMessage(const openinference::ModelConfig& config);
inference::ModelStatisticsResponse ToMessage(
    const std::vector<openinference::ModelStatistics>& models);
inference::RepositoryIndexResponse ToMessage(
    const std::vector<openinference::RepositoryEntry>& entries);

}  // namespace bulkhead::rpc
