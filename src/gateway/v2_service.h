// SPDX-License-Identifier: Apache-2.0
// What the Open Inference Protocol asks, whichever transport brings it. All of it is about the
// caller's own models: others' and missing ones give the same kNotFound.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/model_view.h"
#include "gateway/routes.h"
#include "openinference/messages.h"

namespace bulkhead::gateway {

// A model as a caller names it.
struct NamedModel {
  const Caller& caller;
  ServedName name;
  std::optional<tenant::Version> version;
};

openinference::ServerMetadata DescribeServer(const RouteParts& parts);

// kNotFound; kUnavailable: it is not ready.
base::Result<openinference::ModelMetadata> DescribeModel(const RouteParts& parts,
                                                         const NamedModel& model);
base::Result<openinference::ModelConfig> ConfigureModel(const RouteParts& parts,
                                                        const NamedModel& model);
base::Result<openinference::ModelStatistics> CountModel(const RouteParts& parts,
                                                        const NamedModel& model);
// kNotFound alone.
base::Result<bool> IsModelReady(const RouteParts& parts, const NamedModel& model);

std::vector<openinference::ModelStatistics> CountModels(const RouteParts& parts,
                                                        const Caller& caller);
std::vector<std::string> ListModels(const RouteParts& parts, const Caller& caller);
std::vector<openinference::RepositoryEntry> IndexModels(const RouteParts& parts,
                                                        const Caller& caller, bool ready_only);

// Waits for what comes of it. kDenied: the key's scopes.
async::Task<base::Status> LoadModel(const RouteParts& parts, Caller caller, ServedName name,
                                    bool load);

// A metered result, to be released or taken back.
struct Released {
  openinference::InferResponse response;
  Receipt receipt;
  std::shared_ptr<const void> owner;  // of the response's tensors
};

// `owner` keeps the tensors that `request` views.
async::Task<Answer<Released>> RunModel(const RouteParts& parts, Asked asked, ServedName name,
                                       openinference::InferRequest request,
                                       std::shared_ptr<const void> owner);

}  // namespace bulkhead::gateway
