// SPDX-License-Identifier: Apache-2.0
// ModelInfer and ModelStreamInfer, message by message.
#pragma once

#include <memory>

#include <grpcpp/support/byte_buffer.h>

#include "rpc/call_result.h"
#include "rpc/inference_api.h"

namespace bulkhead::rpc {

void RunModelInfer(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                   std::shared_ptr<PendingResult> pending);

// The result is always OK and holds a ModelStreamInferResponse: a failure is its error_message,
// with the request's id. A success has the parameter triton_final_response, since there is one
// answer per request, and bulkhead_receipt, since a stream has one set of trailing metadata only.
void RunModelStreamInfer(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
                         std::shared_ptr<PendingResult> pending);

}  // namespace bulkhead::rpc
