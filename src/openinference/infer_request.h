// SPDX-License-Identifier: Apache-2.0
// Bodies of POST /v2/models/<model>/infer: JSON, or JSON and then binary tensors
// (Triton, docs/protocol/extension_binary_data.md), or one raw tensor.
//
// Every error is kInvalid or kUnsupported, speaks of the caller's input alone and fits one line.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "openinference/limits.h"
#include "openinference/messages.h"

namespace bulkhead::openinference {

// The value of the header Inference-Header-Content-Length: bytes of JSON before the tensors, 0 to
// the length of the body. Of 0 the body is one raw tensor, see ParseRawInferRequest.
base::Result<std::size_t> ParseHeaderLength(std::string_view text, std::size_t body_bytes);

// A request in JSON. `header_length` is nullopt where the header is absent: the whole body is JSON
// then. Tensors that were sent in binary stay views of `body`; those of JSON own their bytes. A
// tensor's bytes are exactly its elements; whether the model has such an input is not judged here.
//
// "binary_data_size", "binary_data", "binary_data_output" and "timeout" (microseconds; 0 is none)
// become fields. Other parameters stay, the reserved ones among them: "priority", "sequence_id",
// "sequence_start", "sequence_end", "headers", "triton_*".
base::Result<InferRequest> ParseInferRequest(std::span<const std::byte> body,
                                             std::optional<std::size_t> header_length,
                                             const InferLimits& limits = {});

// A body that is one tensor and nothing else, for a model with one input of at most one variable
// dimension. A BYTES input takes the body as its only element, without a length before it. All
// outputs are binary.
base::Result<InferRequest> ParseRawInferRequest(std::span<const std::byte> body,
                                                std::span<const TensorMetadata> model_inputs,
                                                const InferLimits& limits = {});

// Takes the parameters that became fields of a request or of its outputs out of `parameters`. HTTP
// and gRPC share the rules.
base::Status TakeReservedParameters(InferRequest& request);

// kUnsupported where a tensor's parameters mean shared memory or classification.
base::Status CheckTensorParameters(const Parameters& parameters);

}  // namespace bulkhead::openinference
