// SPDX-License-Identifier: Apache-2.0
// gRPC's messages of inference as values, and back.
#pragma once

#include <openinference/inference.pb.h>

#include "base/result.h"
#include "openinference/limits.h"
#include "openinference/messages.h"

namespace bulkhead::rpc {

// Tensors of raw_input_contents are views of `message`, which must outlive them; typed contents are
// turned into bytes. FP16 comes raw only. The rules and errors are those of
// openinference::ParseInferRequest.
base::Result<openinference::InferRequest> ParseInferMessage(
    const inference::ModelInferRequest& message, const openinference::InferLimits& limits = {});

// Every output goes to raw_output_contents, as Triton does, whatever form the request had. An
// output of a type without a name (kOther) is kInternal.
base::Status WriteInferMessage(const openinference::InferResponse& response,
                               inference::ModelInferResponse& message);

}  // namespace bulkhead::rpc
