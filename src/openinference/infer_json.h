// SPDX-License-Identifier: Apache-2.0
// The JSON of an inference request, element by element into typed tensors: the numbers of a tensor
// are never held as a document. What the values mean together is judged by infer_request.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "openinference/limits.h"
#include "openinference/messages.h"

namespace bulkhead::openinference {

struct JsonInput {
  std::string name;
  base::ElementType type = base::ElementType::kOther;
  std::vector<int64_t> dims;
  Parameters parameters;
  bool has_type = false;
  bool has_dims = false;
  bool has_data = false;
  std::vector<std::byte> data;
};

struct JsonRequest {
  std::string id;
  Parameters parameters;
  std::vector<JsonInput> inputs;
  std::vector<RequestedOutput> outputs;  // `binary` is not set yet
};

// kInvalid or kUnsupported, each safe for the tenant and on one line: not JSON, a known member of
// another kind than the protocol says or there twice, an unknown datatype, an element that its
// datatype cannot hold, more than a limit. Members that the protocol does not know are passed over.
// "data" may be nested or flat, and may stand before "datatype": then the text is read twice.
base::Result<JsonRequest> ReadInferJson(std::span<const std::byte> json, const InferLimits& limits);

}  // namespace bulkhead::openinference
