// SPDX-License-Identifier: Apache-2.0
// Bodies of answers to POST /v2/models/<model>/infer.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "openinference/messages.h"

namespace bulkhead::openinference {

// How the outputs of a request are to be sent; kept while the request runs.
struct OutputForms {
  bool binary_by_default = false;
  std::map<std::string, bool> binary;  // of the outputs that say so themselves
};

OutputForms FormsOf(const InferRequest& request);

// Whether an output of this name is to be sent in binary.
bool IsBinary(const OutputForms& forms, const std::string& output);

// Before a model runs: kInvalid when an FP16 output would have to be JSON, which has no form for
// it. `outputs` are those that the answer will hold.
base::Status CheckForms(const OutputForms& forms, std::span<const TensorMetadata> outputs);

// The parts of a body, one after the other. With `header_length` set, the first part is JSON of
// that length (header Inference-Header-Content-Length) and the Content-Type
// application/octet-stream; without, application/json.
struct InferBody {
  std::vector<std::vector<std::byte>> parts;
  std::optional<std::size_t> header_length;
};

// Tensors in binary are moved when they own their bytes, never copied then. Of JSON, "data" is
// flat; floats are the shortest text that reads back as the same float, NaN and infinities are
// null: ask for binary where they matter. kInvalid, safe for the tenant: an output that JSON cannot
// hold (FP16, BYTES that are not UTF-8). kInternal: bytes that are not the elements of an output.
base::Result<InferBody> WriteInferResponse(InferResponse response, const OutputForms& forms);

}  // namespace bulkhead::openinference
